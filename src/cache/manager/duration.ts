import { parseDurationMs } from '../../config/index.js';

const MAX_MS = 365 * 86_400_000;

/**
 * Milliseconds of a time to live.
 * @throws RangeError for anything but whole milliseconds from 1 to a year, or a duration of that length
 */
export function durationMs(ttl: unknown): number {
  const ms = typeof ttl === 'string' ? parseDurationMs(ttl) : ttl;
  if (Number.isSafeInteger(ms) && (ms as number) >= 1 && (ms as number) <= MAX_MS) return ms as number;
  const came = typeof ttl === 'string' ? JSON.stringify(ttl) : String(ttl);
  throw new RangeError(`is ${came}; it must be whole milliseconds from 1 to a year, or a duration such as '30m'`);
}
