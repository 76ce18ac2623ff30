import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError } from 'typeorm';
import { MIGRATIONS } from './migrations/index.js';

const UNDEFINED_TABLE = '42P01';
/** Writes nothing, but fails on a server that accepts no writes, such as a standby. */
const SELECT_NAMES = 'WITH attempt AS (UPDATE migration SET name = name WHERE false) SELECT name FROM migration';

/** Checks whether PostgreSQL is reachable, accepts writes and has the schema that this version needs. */
@Injectable()
export class DatabaseProbe {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Migrations of this version that have not run, oldest first; those of a newer version are ignored.
   * @returns undefined if PostgreSQL cannot be queried or accepts no writes
   */
  async findMissingMigrations(): Promise<readonly string[] | undefined> {
    try {
      const run = await this.dataSource.query<{ name: string }[]>(SELECT_NAMES);
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
