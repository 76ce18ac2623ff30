import type { LoggerService } from '@nestjs/common';
import { pino, type Logger, type LoggerOptions } from 'pino';
import { currentRequestId } from './request-context.js';

export interface LogOptions {
  level: string;
  /** `pretty` for people, `json` for machines. */
  format: 'pretty' | 'json';
}

/** Lines are written in one piece once there are so many, or so much time has passed: no request waits for a write. */
const BUFFER_BYTES = 4_096;
const BUFFER_MS = 200;

/** The logger of the process: one line an event, with the id of the request it belongs to. */
export function createPino({ level, format }: LogOptions): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: () => ({ requestId: currentRequestId() }),
  };
  if (format === 'json') {
    return pino(options, pino.destination({ sync: false, minLength: BUFFER_BYTES, periodicFlush: BUFFER_MS }));
  }
  const pretty = { ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' };
  return pino({ ...options, transport: { target: 'pino-pretty', options: pretty } });
}

/** Lets Nest write through pino. */
export class AppLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, context?: string): void {
    this.pino.info({ context }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.pino.warn({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.pino.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.pino.trace({ context }, String(message));
  }

  fatal(message: unknown, context?: string): void {
    this.pino.fatal({ context }, String(message));
  }

  /** Nest calls it as (message, stack, context), (message, context) or (error). */
  error(message: unknown, ...rest: (string | undefined)[]): void {
    const context = rest.at(-1);
    const stack = message instanceof Error ? message.stack : rest.length > 1 ? rest[0] : undefined;
    this.pino.error({ context, stack }, message instanceof Error ? message.message : String(message));
  }
}
