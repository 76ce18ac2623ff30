/** Suffix that proxies add to the tag of a response they compress: Apache `-gzip`, Jetty `--gzip`, others `;gzip`. */
const CODING = /^(?:--?|;)(?:x-)?(?:gzip|br|zstd|deflate|compress)"$/;

/**
 * Parses the tags of an `If-Match` or `If-None-Match` header (RFC 9110, section 8.8.3); each is returned in quotes and
 * without `W/`, which nginx adds when it compresses.
 *
 * @returns `*` for any tag; undefined when the header is not a list of tags
 */
export function parseEntityTags(header: string): readonly string[] | '*' | undefined {
  if (header.trim() === '*') return '*';
  // No two repetitions can match the same characters, so matching is linear in the length of the header.
  const element = /[ \t]*(?:(?:W\/)?("[^"\0- ]*")[ \t]*)?(?:,|$)/y;
  const tags: string[] = [];
  while (element.lastIndex < header.length) {
    const found = element.exec(header);
    if (found === null) return undefined;
    if (found[1] !== undefined) tags.push(found[1]);
  }
  return tags.length > 0 ? tags : undefined;
}

/** Whether a received tag is the one that was sent, possibly changed by a proxy that compressed the response. */
export function isSameTag(tag: string, sent: string): boolean {
  if (tag === sent) return true;
  const opaque = sent.slice(0, -1);
  return tag.startsWith(opaque) && CODING.test(tag.slice(opaque.length));
}
