import type { Logger } from '@nestjs/common';

/** Maximum number of keys remembered; beyond it all are forgotten, and may be logged once more. */
const MAX_KEYS = 100;

/**
 * Logs messages that repeat, such as the failures of an unavailable server: once per key and interval, or, with the
 * default interval, once until `reset`.
 */
export class ThrottledLogger {
  private readonly loggedAt = new Map<string, number>();

  constructor(
    private readonly logger: Logger,
    private readonly intervalMs = Infinity,
  ) {}

  /** @param key identifies messages that count as the same */
  warn(key: string, ...message: readonly [string, ...unknown[]]): void {
    if (this.isDue(key)) this.logger.warn(...message);
  }

  /** @param key identifies messages that count as the same */
  error(key: string, message: string): void {
    if (this.isDue(key)) this.logger.error(message);
  }

  /** Lets the next message of a key, or of all keys, be logged at once: the outage is over. */
  reset(key?: string): void {
    if (key === undefined) this.loggedAt.clear();
    else this.loggedAt.delete(key);
  }

  private isDue(key: string): boolean {
    const now = performance.now();
    if (now - (this.loggedAt.get(key) ?? -Infinity) < this.intervalMs) return false;
    if (this.loggedAt.size >= MAX_KEYS) this.loggedAt.clear();
    this.loggedAt.set(key, now);
    return true;
  }
}
