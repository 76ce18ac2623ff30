import { encodeKey } from '../keys/cache-key.js';

/** An entry to look for. */
export interface EntryQuery {
  readonly key: string;
  /** Those it must have; undefined when only the result tells. */
  readonly tags: readonly string[] | undefined;
  /** Those a result must have; asked when `tags` is undefined. */
  readonly tagsOf?: ((result: unknown) => readonly string[]) | undefined;
}

/** Whether an entry has all tags; also false when they cannot be told, as of a value of an earlier release. */
export function hasTags(stored: ReadonlySet<string>, tagsOf: () => readonly string[]): boolean {
  try {
    return tagsOf().every((tag) => stored.has(encodeKey(tag)));
  } catch {
    return false;
  }
}
