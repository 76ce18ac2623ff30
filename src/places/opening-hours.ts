/** From opening to closing, as `HH:MM` in Seoul. A closing time that is not after the opening is on the next day. */
export interface OpeningSpan {
  readonly open: string;
  readonly close: string;
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** When a place is open in a usual week; a day without spans is a day off. */
export type OpeningHours = Readonly<Record<(typeof WEEKDAYS)[number], readonly OpeningSpan[]>>;
