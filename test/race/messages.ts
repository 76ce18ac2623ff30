import type { VariantName } from './variants.js';
import type { History } from './model.js';

/** Connection strings of the rows and of the cache entries. */
export interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** Rounds that run concurrently in one lane. They share caches, so an eviction of all entries affects all of them. */
export interface RoundBatch {
  readonly lane: number;
  readonly rounds: readonly number[];
}

/** Inputs of the tasks of a worker, in the order of their use. */
export interface Tasks {
  open: Services & { readonly variant: VariantName; readonly seed: number; readonly process: number };
  run: RoundBatch;
  runFinalReads: RoundBatch;
  close: null;
}

/** Outputs of the tasks. */
export interface Results {
  open: null;
  run: History[];
  runFinalReads: History[];
  close: WorkerStats;
}

/** Counters of a worker. */
export interface WorkerStats {
  readonly loads: number;
  /** Values that a guard refused to store. */
  readonly refused: number;
  /** Evictions that Redis did not confirm in time: until they are applied, the other process may read old values. */
  readonly lateEvictions: number;
}

export type Task = keyof Tasks;

export interface Request {
  readonly number: number;
  readonly task: Task;
  readonly input: Tasks[Task];
}

export interface Response {
  readonly number: number;
  readonly result?: Results[Task];
  readonly error?: string;
}

/** Number of batches in progress at once. */
export const LANES = 8;
