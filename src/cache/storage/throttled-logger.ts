import { Logger } from '@nestjs/common';

const INTERVAL_MS = 10_000;

/** Logs failing commands at most once per interval: an unavailable server fails thousands of them. */
export class ThrottledLogger {
  private readonly logger = new Logger('Cache');
  private warnedAt = -Infinity;

  warn(message: string): void {
    const now = performance.now();
    if (now - this.warnedAt < INTERVAL_MS) return;
    this.warnedAt = now;
    this.logger.warn(message);
  }
}
