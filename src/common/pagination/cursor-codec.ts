import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { InvalidCursorError } from './invalid-cursor.error.js';

/** Keyset position: sort values of the last item of a page, most significant first, its id last. */
export type Position = readonly (string | number)[];

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

  /** @param query filters and sort order of the list, without limit and cursor */
  encode(query: object, position: Position): string {
    const payload = Buffer.from(JSON.stringify(position));
    return Buffer.concat([tagOf(this.keys[0], query, payload), payload]).toString('base64url');
  }

  /**
   * @param length number of values in a position of this list
   * @throws InvalidCursorError when the text is not a cursor issued for this query
   */
  decode(query: object, cursor: string, length: number): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    const [tag, payload] = [bytes.subarray(0, TAG_BYTES), bytes.subarray(TAG_BYTES)];
    const genuine = bytes.toString('base64url') === cursor && tag.length === TAG_BYTES &&
      this.keys.some((key) => timingSafeEqual(tag, tagOf(key, query, payload)));
    if (!genuine) throw new InvalidCursorError();
    const position = JSON.parse(payload.toString()) as Position;
    if (position.length !== length) throw new InvalidCursorError();
    return position;
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
