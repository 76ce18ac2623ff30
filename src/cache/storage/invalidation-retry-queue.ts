import { Logger } from '@nestjs/common';
import { settlesWithin, ThrottledLogger } from '../../common/index.js';
import type { Outbox } from '../../database/index.js';
import { INVALIDATION_TOPIC, type InvalidationMessage } from './invalidation-message.js';

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;
const KEYS_PER_CACHE = 10_000;
/** Timeout for writing an eviction that failed in Redis to PostgreSQL. */
const WRITE_TIMEOUT_MS = 300;
const LOG_INTERVAL_MS = 10_000;

/**
 * Retries evictions outside of any transaction that Redis has not confirmed. They are written to the outbox; while
 * PostgreSQL is unavailable too, or in an application without it, they wait in memory and are lost if the process dies.
 */
export class InvalidationRetryQueue {
  private readonly logger = new Logger('Cache');
  private readonly failures = new ThrottledLogger(this.logger, LOG_INTERVAL_MS);
  private readonly waiting = new Map<string, Set<string>>();
  private timer: NodeJS.Timeout | undefined;
  private retrying: Promise<void> | undefined;
  private delayMs = RETRY_MIN_MS;

  /**
   * @param unlink removes keys of one cache; rejects unless Redis has confirmed the removal
   * @param keysOfAll keys whose removal evicts a whole cache; they replace a list that grows too long
   */
  constructor(
    private readonly unlink: (keys: readonly string[]) => Promise<unknown>,
    private readonly keysOfAll: (cache: string) => readonly string[],
    private readonly outbox: Outbox | undefined,
  ) {}

  /** Whether no eviction is pending in memory. */
  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  async add(evict: InvalidationMessage): Promise<void> {
    this.failures.warn('', `cache '${evict.cache}': eviction failed; will be retried until Redis confirms it`);
    if (await this.write(evict)) return;
    this.remember(evict);
    this.schedule();
  }

  /** Retries the evictions in memory once more, then gives them up. */
  async close(): Promise<void> {
    await this.retrying;
    await this.drain().catch(() => this.logger.error('unconfirmed evictions abandoned at shutdown'));
    clearTimeout(this.timer);
  }

  private async write(evict: InvalidationMessage): Promise<boolean> {
    if (this.outbox === undefined) return false;
    let isWritten = false;
    const writing = this.outbox.addNow(INVALIDATION_TOPIC, [evict]).then(() => {
      isWritten = true;
    });
    await settlesWithin(writing, WRITE_TIMEOUT_MS);
    return isWritten;
  }

  private remember({ cache, keys }: InvalidationMessage): void {
    const known = this.waiting.get(cache) ?? new Set<string>();
    const tooMany = known.size + keys.length > KEYS_PER_CACHE;
    this.waiting.set(cache, tooMany ? new Set(this.keysOfAll(cache)) : known);
    if (!tooMany) for (const key of keys) known.add(key);
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.retrying = this.retry();
    }, this.delayMs).unref();
  }

  // One retry at a time: the timer is set until it is done. Evictions added meanwhile are retried afterwards.
  private async retry(): Promise<void> {
    try {
      await this.drain();
      this.delayMs = RETRY_MIN_MS;
    } catch {
      this.delayMs = Math.min(this.delayMs * 2, RETRY_MAX_MS);
    }
    this.timer = undefined;
    if (!this.isEmpty) this.schedule();
  }

  private async drain(): Promise<void> {
    for (const cache of [...this.waiting.keys()]) {
      const keys = [...(this.waiting.get(cache) ?? [])];
      // Removed before sending: the same key, added meanwhile, belongs to a later write and needs its own command.
      this.waiting.set(cache, new Set());
      try {
        await this.unlink(keys);
      } catch (error) {
        this.remember({ cache, keys });
        throw error;
      }
      if (this.waiting.get(cache)?.size === 0) this.waiting.delete(cache);
      this.logger.log(`cache '${cache}': pending evictions confirmed`);
    }
  }
}
