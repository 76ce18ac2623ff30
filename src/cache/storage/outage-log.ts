import { Logger } from '@nestjs/common';

const INTERVAL_MS = 10_000;

/** Tells of failing commands, but not of each: a server that is away fails thousands of them. */
export class OutageLog {
  private readonly logger = new Logger('Cache');
  private toldAt = -Infinity;

  tell(message: string): void {
    const now = performance.now();
    if (now - this.toldAt < INTERVAL_MS) return;
    this.toldAt = now;
    this.logger.warn(message);
  }
}
