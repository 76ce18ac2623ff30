import { ValidationFailedError } from '../../common/index.js';

/** Larger than any id, and exact as a number. */
const MAX_DIGITS = 15;

/** The places a client may name its position in, most specific first. */
export interface GivenPosition {
  /** `lastEventId` of the first frame of a socket. */
  readonly frame?: unknown;
  /** Header `Last-Event-ID`. */
  readonly header?: unknown;
  /** Query parameter `lastEventId`: polyfills of `EventSource` send it, since CORS once refused the header. */
  readonly query?: unknown;
}

const POINTERS = { frame: '#/lastEventId', header: 'header:Last-Event-ID', query: '?lastEventId' } as const;

/**
 * Position from which a client wants to continue: the id of the last event it has received.
 * @returns undefined when it names none; an empty text is none, as in `EventSource`
 * @throws ValidationFailedError for anything but a whole number in decimal, so that no event is skipped in silence
 */
export function positionOf(given: GivenPosition): number | undefined {
  for (const source of ['frame', 'header', 'query'] as const) {
    const value = given[source];
    if (value === undefined || value === null || value === '') continue;
    const isText = typeof value === 'string' || typeof value === 'number';
    if (isText && DECIMAL.test(String(value))) return Number(value);
    throw new ValidationFailedError([{ pointer: POINTERS[source], detail: RULE }]);
  }
  return undefined;
}

const DECIMAL = new RegExp(`^\\d{1,${MAX_DIGITS}}$`);
const RULE = {
  en: `must be the id of an event: a whole number of at most ${MAX_DIGITS} digits`,
  ko: `이벤트의 id여야 합니다: 최대 ${MAX_DIGITS}자리의 정수`,
};
