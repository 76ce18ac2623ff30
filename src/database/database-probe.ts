import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Tells whether PostgreSQL answers. */
@Injectable()
export class DatabaseProbe {
  constructor(private readonly dataSource: DataSource) {}

  async answers(): Promise<boolean> {
    return this.dataSource.query('SELECT 1').then(() => true, () => false);
  }
}
