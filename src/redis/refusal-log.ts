import type { Logger } from '@nestjs/common';

const INTERVAL_MS = 60_000;
const MAX_MESSAGES = 100;
/** Error replies begin with a code; errors of the connection, which logs its own outages, do not. */
const REPLY_CODE = /^[A-Z]+ /;

/** Logs why a server refuses commands: each reason once a minute, however many requests it affects. */
export class RefusalLog {
  private readonly loggedAt = new Map<string, number>();

  constructor(private readonly logger: Logger) {}

  /** Logs a command that was refused for lack of rights. */
  logRefusal(error: Error): void {
    this.log(error.message);
  }

  /** Logs an error reply to a readiness probe, for example that the server is full. */
  logProbe(name: string, error: unknown): void {
    if (error instanceof Error && REPLY_CODE.test(error.message)) this.log(`${name} cannot serve: ${error.message}`);
  }

  private log(message: string): void {
    const now = performance.now();
    if (now - (this.loggedAt.get(message) ?? -Infinity) < INTERVAL_MS) return;
    if (this.loggedAt.size >= MAX_MESSAGES) this.loggedAt.clear();
    this.loggedAt.set(message, now);
    this.logger.error(message);
  }
}
