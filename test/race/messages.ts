import type { ContestantName } from './contestants.js';
import type { History } from './model.js';

/** Where the rows and the entries are. */
export interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** Some rounds, played at the same time in one lane: they share caches, so what evicts everything hits all of them. */
export interface Heat {
  readonly lane: number;
  readonly rounds: readonly number[];
}

/** What a worker is asked to do: take its place for a contestant, play, read a last time, and leave. */
export interface Tasks {
  open: Services & { readonly contestant: ContestantName; readonly seed: number; readonly process: number };
  play: Heat;
  playLastReads: Heat;
  close: null;
}

/** What it answers. */
export interface Results {
  open: null;
  play: History[];
  playLastReads: History[];
  close: Tally;
}

/** What a worker has counted besides its histories. */
export interface Tally {
  readonly loads: number;
  /** Values that a guard kept out of the cache. */
  readonly refused: number;
  /** Evicts that Redis did not confirm in time: until they are carried out, the other process may read old values. */
  readonly lateEvicts: number;
}

export type Task = keyof Tasks;

export interface Request {
  readonly number: number;
  readonly task: Task;
  readonly input: Tasks[Task];
}

export interface Answer {
  readonly number: number;
  readonly result?: Results[Task];
  readonly error?: string;
}

/** How many heats are under way at once. */
export const LANES = 8;
