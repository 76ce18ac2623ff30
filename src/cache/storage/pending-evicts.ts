import { Logger } from '@nestjs/common';

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1_000;
const KEYS_PER_COMMAND = 500;
const KEYS_PER_CACHE = 10_000;

/**
 * Evicts that Redis has not confirmed. They are tried again until it does, and while there is one this process does not
 * trust that cache. They live in memory: those of a process that dies meanwhile are lost, and what they were to remove
 * lives out its time.
 */
export class PendingEvicts {
  private readonly logger = new Logger('Cache');
  private readonly waiting = new Map<string, Set<string>>();
  private timer: NodeJS.Timeout | undefined;
  private delayMs = RETRY_MIN_MS;

  /**
   * @param unlink removes keys of one cache, and rejects unless Redis has confirmed that
   * @param keysOfAll the keys whose removal evicts a whole cache; they replace a list that grows too long
   */
  constructor(
    private readonly unlink: (keys: readonly string[]) => Promise<unknown>,
    private readonly keysOfAll: (cache: string) => readonly string[],
  ) {}

  /** Whether an evict of this cache is not yet confirmed. */
  has(cache: string): boolean {
    return this.waiting.has(cache);
  }

  add(cache: string, keys: readonly string[]): void {
    if (!this.has(cache)) this.logger.warn(`cache '${cache}': an evict failed; it is tried until Redis confirms it`);
    this.remember(cache, keys);
    this.schedule();
  }

  /** Tries once more and then gives up. */
  async close(): Promise<void> {
    await this.drain().catch(() => this.logger.error('evicts that Redis has not confirmed are given up'));
    clearTimeout(this.timer);
  }

  private remember(cache: string, keys: readonly string[]): void {
    const known = this.waiting.get(cache) ?? new Set<string>();
    const tooMany = known.size + keys.length > KEYS_PER_CACHE;
    this.waiting.set(cache, tooMany ? new Set(this.keysOfAll(cache)) : known);
    if (!tooMany) for (const key of keys) known.add(key);
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.retry(), this.delayMs).unref();
  }

  private async retry(): Promise<void> {
    this.timer = undefined;
    try {
      await this.drain();
      this.delayMs = RETRY_MIN_MS;
    } catch {
      this.delayMs = Math.min(this.delayMs * 2, RETRY_MAX_MS);
      this.schedule();
    }
  }

  private async drain(): Promise<void> {
    for (const cache of [...this.waiting.keys()]) {
      for (let keys = this.take(cache); keys.length > 0; keys = this.take(cache)) {
        try {
          await this.unlink(keys);
        } catch (error) {
          this.remember(cache, keys);
          throw error;
        }
      }
      this.waiting.delete(cache);
      this.logger.log(`cache '${cache}': the waiting evicts have been carried out`);
    }
  }

  // Taken out before they are sent: the same key added meanwhile belongs to a later write and needs a command of its
  // own.
  private take(cache: string): string[] {
    const known = this.waiting.get(cache);
    const keys = [...(known ?? [])].slice(0, KEYS_PER_COMMAND);
    for (const key of keys) known?.delete(key);
    return keys;
  }
}
