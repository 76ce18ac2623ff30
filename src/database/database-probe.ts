import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError } from 'typeorm';
import { MIGRATIONS } from './migrations/index.js';

const UNDEFINED_TABLE = '42P01';

/** Checks whether PostgreSQL is reachable and has the schema that this version needs. */
@Injectable()
export class DatabaseProbe {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Migrations of this version that have not run, oldest first; those of a newer version are ignored.
   * @returns undefined if PostgreSQL cannot be queried
   */
  async findMissingMigrations(): Promise<readonly string[] | undefined> {
    try {
      const run = await this.dataSource.query<{ name: string }[]>('SELECT name FROM migration');
      const names = new Set(run.map(({ name }) => name));
      return MIGRATIONS.map(({ name }) => name).filter((name) => !names.has(name));
    } catch (error) {
      return isUndefinedTable(error) ? MIGRATIONS.map(({ name }) => name) : undefined;
    }
  }
}

function isUndefinedTable(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { code?: unknown }).code === UNDEFINED_TABLE;
}
