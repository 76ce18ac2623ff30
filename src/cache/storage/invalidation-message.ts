/** Outbox topic of evictions. */
export const INVALIDATION_TOPIC = 'cache';

/** Payload of that topic: keys of one cache whose removal has not been confirmed yet. */
export interface InvalidationMessage {
  readonly cache: string;
  readonly keys: readonly string[];
}
