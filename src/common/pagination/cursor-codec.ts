import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { InvalidCursorError } from './invalid-cursor.error.js';

/** Sort values of the last item of a page, most significant first, its id last. */
export type Position = readonly (string | number)[];

const TAG_BYTES = 12;

/**
 * Turns keyset positions into cursors: opaque, tamper-evident (HMAC-SHA-256, 96 bits), bound to their query.
 * Equal positions of equal queries give equal cursors.
 */
export class CursorCodec {
  private readonly key: Buffer;

  /** @param secret at least 32 characters, the same in every instance */
  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'ecogreen cursor', 32));
  }

  /** @param query the filters and the sort the list was asked with, limit and cursor left out */
  encode(query: object, position: Position): string {
    const payload = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.tag(query, payload), payload]).toString('base64url');
  }

  /**
   * @param length how many values a position of this list has
   * @throws InvalidCursorError when the text is no cursor made for this query
   */
  decode(query: object, cursor: string, length: number): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    const [tag, payload] = [bytes.subarray(0, TAG_BYTES), bytes.subarray(TAG_BYTES)];
    const genuine = bytes.toString('base64url') === cursor && tag.length === TAG_BYTES &&
      timingSafeEqual(tag, this.tag(query, payload));
    if (!genuine) throw new InvalidCursorError();
    const position = JSON.parse(payload.toString()) as Position;
    if (position.length !== length) throw new InvalidCursorError();
    return position;
  }

  private tag(query: object, payload: Buffer): Buffer {
    const entries = Object.entries(query).filter(([, value]) => value !== undefined).sort();
    const text = JSON.stringify(entries);
    return createHmac('sha256', this.key).update(text).update('\n').update(payload).digest().subarray(0, TAG_BYTES);
  }
}
