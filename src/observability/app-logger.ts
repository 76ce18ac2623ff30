import type { LoggerService } from '@nestjs/common';
import { pino, type Logger, type LoggerOptions } from 'pino';
import { BufferedDestination } from './buffered-destination.js';
import { prettyLine } from './pretty-line.js';
import { currentRequestId } from './request-context.js';

/** Contexts of Nest's own start-up messages: a line per module and route, about 250 in all. */
const NEST_CONTEXTS = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

export interface LogOptions {
  level: string;
  /** `pretty` for people, `json` for machines. */
  format: 'pretty' | 'json';
}

/** Creates the logger of the process: one line per event. */
export function createPino({ level, format }: LogOptions): Logger {
  const options: LoggerOptions = { level, base: null, timestamp };
  if (format === 'json') return pino(options, new BufferedDestination(pino.destination({ sync: false })));
  // Synchronous, so that lines keep their order among those of the script that started the process.
  const terminal = pino.destination({ sync: true });
  return pino(options, { write: (line) => terminal.write(prettyLine(line)) });
}

const now = { ms: NaN, text: '' };

/** Timestamp like pino's own, but formatted once per millisecond: a busy server logs many lines in one. */
function timestamp(): string {
  const ms = Date.now();
  if (ms !== now.ms) Object.assign(now, { ms, text: pino.stdTimeFunctions.isoTime() });
  return now.text;
}

/** Nest logger that writes through pino, with the id of the request to which a line belongs. */
export class AppLogger implements LoggerService {
  constructor(private readonly pino: Logger) {}

  /** Nest's own start-up messages are logged at `debug`, all others at `info`. */
  log(message: unknown, context?: string): void {
    const level = NEST_CONTEXTS.has(context ?? '') ? 'debug' : 'info';
    this.pino[level](this.fieldsOf(context), String(message));
  }

  warn(message: unknown, context?: string): void {
    this.pino.warn(this.fieldsOf(context), String(message));
  }

  debug(message: unknown, context?: string): void {
    this.pino.debug(this.fieldsOf(context), String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.pino.trace(this.fieldsOf(context), String(message));
  }

  fatal(message: unknown, context?: string): void {
    this.pino.fatal(this.fieldsOf(context), String(message));
  }

  /** Nest calls it as (message, stack, context), (message, context) or (error). */
  error(message: unknown, ...rest: (string | undefined)[]): void {
    const context = rest.at(-1);
    const stack = message instanceof Error ? message.stack : rest.length > 1 ? rest[0] : undefined;
    this.pino.error({ ...this.fieldsOf(context), stack }, message instanceof Error ? message.message : String(message));
  }

  private fieldsOf(context: string | undefined) {
    return { context, requestId: currentRequestId() };
  }
}
