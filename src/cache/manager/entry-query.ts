import { encodeKey } from '../keys/cache-key.js';

/** Criteria of a lookup. */
export interface EntryQuery {
  readonly key: string;
  /** Tags that the entry must have; undefined when they depend on the result. */
  readonly tags: readonly string[] | undefined;
  /** Tags that the entry must have for a result; used when `tags` is undefined. */
  readonly tagsOf?: ((result: unknown) => readonly string[]) | undefined;
}

/** Whether an entry has all tags; also false when they cannot be computed, as for a value of an earlier release. */
export function hasTags(stored: ReadonlySet<string>, tagsOf: () => readonly string[]): boolean {
  try {
    return tagsOf().every((tag) => stored.has(encodeKey(tag)));
  } catch {
    return false;
  }
}
