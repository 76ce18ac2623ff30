import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { InvalidCursorError } from './invalid-cursor.error.js';
import type { PageQueryDto } from './page-query.dto.js';
import type { Page, PageRequest, Position, Slice } from './page.js';

const TAG_BYTES = 12;

/**
 * Encodes keyset positions as cursors: opaque, tamper-evident (HMAC-SHA-256, 96 bits) and bound to their query.
 * Deterministic: equal positions of equal queries give equal cursors.
 */
export class CursorCodec {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  /**
   * @param secrets each at least 32 characters; the first signs, all are accepted, so that cursors stay valid during a
   * rotation
   */
  constructor([first, ...others]: readonly [string, ...string[]]) {
    this.keys = [keyOf(first), ...others.map(keyOf)];
  }

  /**
   * One page of a list.
   * @param query names the list, with its filters and sort order; another one whenever the values of a position change
   * @param find finds the items after a position, and the position of the last one if there are more
   * @throws InvalidCursorError when the cursor was not issued for this query
   * @example `return this.cursors.page({ authorId }, request, (page) => this.findByAuthor(authorId, page));`
   */
  async page<T, P extends Position>(
    query: object,
    { cursor, limit }: PageQueryDto,
    find: (page: PageRequest<P>) => Promise<Slice<T, P>>,
  ): Promise<Page<T>> {
    const after = cursor === undefined ? null : (this.decode(query, cursor) as P);
    const { items, next } = await find({ after, limit });
    return { items: [...items], nextCursor: next && this.encode(query, next) };
  }

  /** @param query filters and sort order of the list, without limit and cursor */
  encode(query: object, position: Position): string {
    const payload = Buffer.from(JSON.stringify(position));
    return Buffer.concat([tagOf(this.keys[0], query, payload), payload]).toString('base64url');
  }

  /** @throws InvalidCursorError when the text is not a cursor issued for this query */
  decode(query: object, cursor: string): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    const [tag, payload] = [bytes.subarray(0, TAG_BYTES), bytes.subarray(TAG_BYTES)];
    const isAuthentic = bytes.toString('base64url') === cursor && tag.length === TAG_BYTES &&
      this.keys.some((key) => timingSafeEqual(tag, tagOf(key, query, payload)));
    if (!isAuthentic) throw new InvalidCursorError();
    return JSON.parse(payload.toString()) as Position;
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'ecogreen cursor', 32));
}

function tagOf(key: Buffer, query: object, payload: Buffer): Buffer {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined).sort();
  const text = JSON.stringify(entries);
  return createHmac('sha256', key).update(text).update('\n').update(payload).digest().subarray(0, TAG_BYTES);
}
