import { ValidationFailedError } from '../../common/index.js';

/** More digits than any id has, few enough for an exact number. */
const MAX_DIGITS = 15;

/** Sources from which a client's position is read, in order of precedence. */
export interface GivenPosition {
  /** `lastEventId` of the first WebSocket frame. */
  readonly frame?: unknown;
  /** Header `Last-Event-ID`. */
  readonly header?: unknown;
  /** Query parameter `lastEventId`; sent by `EventSource` polyfills, since CORS once did not allow the header. */
  readonly query?: unknown;
}

const POINTERS = { frame: '#/lastEventId', header: 'header:Last-Event-ID', query: '?lastEventId' } as const;

/**
 * Position after which a client wants to continue: the id of the last event it has received.
 * @returns undefined if the client sends none; an empty string counts as none, as in `EventSource`
 * @throws ValidationFailedError unless the value is a decimal integer, so that no event is skipped silently
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
