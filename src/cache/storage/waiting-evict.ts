/** The outbox topic of evicts. */
export const EVICTS_TOPIC = 'cache';

/** What a row of that topic says: keys of one cache whose removal is an evict that has yet to be confirmed. */
export interface WaitingEvict {
  readonly cache: string;
  readonly keys: readonly string[];
}
