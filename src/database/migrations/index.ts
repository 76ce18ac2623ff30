import type { MigrationInterface } from 'typeorm';
import { Users1790000001000 } from './1790000001000-users.js';

/** Every migration, oldest first. A migration that has been released is never edited. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [Users1790000001000];
