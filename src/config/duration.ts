/** Duration in milliseconds, or a text such as `'10m'`. */
export type Duration = number | string;

const MAX_MS = 365 * 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Parses a duration such as `500ms`, `30s`, `10m`, `2h` or `14d`.
 * @returns milliseconds; null when the text is not a duration
 */
export function parseDurationMs(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const unitMs = unit === undefined ? undefined : UNITS_MS[unit];
  return unitMs === undefined ? null : Number(amount) * unitMs;
}

/**
 * Converts a duration given in code to milliseconds.
 * @param what name of the duration, for the error message
 * @throws RangeError for anything but whole milliseconds from `minMs` to a year, or a text for such a duration
 */
export function durationMs(what: string, duration: unknown, minMs = 1): number {
  const ms = typeof duration === 'string' ? parseDurationMs(duration) : duration;
  if (Number.isSafeInteger(ms) && (ms as number) >= minMs && (ms as number) <= MAX_MS) return ms as number;
  const given = typeof duration === 'string' ? JSON.stringify(duration) : String(duration);
  const rule = `whole milliseconds from ${minMs} to a year, or a duration such as '30m'`;
  throw new RangeError(`${what} is ${given}; it must be ${rule}`);
}
