import pLimit from 'p-limit';
import { settlesWithin, TimeLimit } from '../../common/index.js';
import { TooManyLoadsError } from '../cache.errors.js';
import { copyOf, type LoadResult } from './single-flight.js';

/** How much of PostgreSQL one process may take while the cache is away. */
export interface BulkheadSettings {
  /** Loads that run at a time. */
  readonly concurrency: number;
  /** Loads that wait for their turn, at most. */
  readonly queue: number;
}

/** How long a load waits for its turn, and for the load of the same entry before it, at most. */
const TURN_MS = 750;
const PREDECESSOR_MS = 100;

/** The load that a caller shares, and whether another caller started it. */
interface Shared {
  readonly landing: Promise<LoadResult>;
  readonly joined: boolean;
}

/** A load that has not begun: whoever wants its value may join. */
interface Next {
  joined: boolean;
  readonly landing: Promise<LoadResult>;
}

/**
 * The loads of a process while there is no cache to tell who loads what: so many at a time, and one at a time of each
 * entry. Without tokens nobody can tell whether an evict, maybe of another process, came after a load had begun; so
 * only a load that is yet to begin is joined, and whoever comes during one shares the next.
 */
export class LoadBulkhead {
  private readonly limit;
  private readonly queue: number;
  private readonly next = new Map<string, Next>();
  private readonly running = new Map<string, Promise<unknown>>();

  constructor({ concurrency: concurrent, queue }: BulkheadSettings) {
    this.limit = pLimit(concurrent);
    this.queue = queue;
  }

  /** Runs a load of this entry when it is its turn, or joins one that waits for that. */
  share(entry: string, load: () => Promise<LoadResult>): Shared {
    const waiting = this.next.get(entry);
    if (waiting !== undefined) {
      waiting.joined = true;
      return { landing: waiting.landing, joined: true };
    }
    const begin = () => this.begin(entry, next, load);
    const next: Next = { joined: false, landing: this.afterPredecessor(entry, begin) };
    this.next.set(entry, next);
    return { landing: next.landing, joined: false };
  }

  /**
   * Runs a load when it is its turn.
   * @throws TooManyLoadsError when too many wait already, or its turn does not come in time
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

  /** A predecessor that hangs is not waited for: the next load may do better. */
  private async afterPredecessor(entry: string, begin: () => Promise<LoadResult>): Promise<LoadResult> {
    const predecessor = this.running.get(entry);
    if (predecessor !== undefined) await settlesWithin(predecessor, PREDECESSOR_MS);
    try {
      return await this.run(begin);
    } catch (error) {
      // One that has begun has made room itself, maybe for another.
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
      const landing = await loading;
      return next.joined ? { ...landing, bytes: landing.bytes ?? copyOf(landing.value) } : landing;
    } finally {
      if (this.running.get(entry) === ended) this.running.delete(entry);
    }
  }
}
