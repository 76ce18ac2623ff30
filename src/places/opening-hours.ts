/** Opening and closing time, `HH:MM` in Seoul time. A closing time not after the opening time is on the next day. */
export interface OpeningSpan {
  readonly open: string;
  readonly close: string;
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Opening hours of a regular week; the place is closed on a day without spans. */
export type OpeningHours = Readonly<Record<(typeof WEEKDAYS)[number], readonly OpeningSpan[]>>;
