/** The outbox topic of evicts. */
export const INVALIDATION_TOPIC = 'cache';

/** What a row of that topic says: keys of one cache whose removal is an evict that has yet to be confirmed. */
export interface InvalidationMessage {
  readonly cache: string;
  readonly keys: readonly string[];
}
