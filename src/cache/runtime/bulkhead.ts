import pLimit from 'p-limit';
import { settlesWithin, TimeLimit } from '../../common/index.js';
import { TooManyLoadsError } from '../cache.errors.js';
import { copyOf, type LoadResult } from './single-flight.js';

/** Limits of the loads that one process runs against PostgreSQL while the cache is unavailable. */
export interface BulkheadSettings {
  /** Concurrent loads. */
  readonly concurrency: number;
  /** Maximum number of queued loads. */
  readonly queue: number;
}

/** Maximum wait in the queue, and for the running load of the same entry. */
const TURN_MS = 750;
const PREDECESSOR_MS = 100;

/** The load that a caller shares, and whether another caller started it. */
interface Shared {
  readonly result: Promise<LoadResult>;
  readonly joined: boolean;
}

/** A load that has not started yet; other callers of its entry may join it. */
interface Next {
  joined: boolean;
  readonly result: Promise<LoadResult>;
}

/**
 * Bulkhead for loads while the cache is unavailable: limits the concurrent loads, and runs one load per entry at a
 * time. Without lease tokens a process cannot determine whether an eviction, possibly by another process, came after a
 * load had started. Therefore callers join only a load that has not started yet; callers that arrive during a load
 * share the next one.
 */
export class LoadBulkhead {
  private readonly limit;
  private readonly queue: number;
  private readonly next = new Map<string, Next>();
  private readonly running = new Map<string, Promise<unknown>>();

  constructor({ concurrency, queue }: BulkheadSettings) {
    this.limit = pLimit(concurrency);
    this.queue = queue;
  }

  /** Queues a load of this entry, or joins one that has not started yet. */
  share(entry: string, load: () => Promise<LoadResult>): Shared {
    const waiting = this.next.get(entry);
    if (waiting !== undefined) {
      waiting.joined = true;
      return { result: waiting.result, joined: true };
    }
    const begin = () => this.begin(entry, next, load);
    const next: Next = { joined: false, result: this.afterPredecessor(entry, begin) };
    this.next.set(entry, next);
    return { result: next.result, joined: false };
  }

  /**
   * Runs a load when a slot is free.
   * @throws TooManyLoadsError when the queue is full, or no slot becomes free within `TURN_MS`
   */
  run<T>(load: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.limit.pendingCount >= this.queue) throw new TooManyLoadsError();
      let left = false;
      const limit = new TimeLimit(TURN_MS, () => {
        left = true;
        reject(new TooManyLoadsError());
      });
      void this.limit(async () => {
        limit.cancel();
        if (!left) await load().then(resolve, reject);
      });
    });
  }

  /** Waits at most `PREDECESSOR_MS` for the running load of the entry: if it hangs, the next load may still succeed. */
  private async afterPredecessor(entry: string, begin: () => Promise<LoadResult>): Promise<LoadResult> {
    const predecessor = this.running.get(entry);
    if (predecessor !== undefined) await settlesWithin(predecessor, PREDECESSOR_MS);
    try {
      return await this.run(begin);
    } catch (error) {
      // A load that has started has already removed itself; the current element may be another load.
      if (error instanceof TooManyLoadsError) this.next.delete(entry);
      throw error;
    }
  }

  private async begin(entry: string, next: Next, load: () => Promise<LoadResult>): Promise<LoadResult> {
    this.next.delete(entry);
    const loading = load();
    const ended = loading.catch(() => undefined);
    this.running.set(entry, ended);
    try {
      const result = await loading;
      return next.joined ? { ...result, bytes: result.bytes ?? copyOf(result.value) } : result;
    } finally {
      if (this.running.get(entry) === ended) this.running.delete(entry);
    }
  }
}
