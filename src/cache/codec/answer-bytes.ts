import { JsonAnswer } from '../../common/index.js';

const NEW_LINE = 0x0a;

/** An answer as it is kept: its entity tag, a new line, its body. */
export function encodeAnswer({ entityTag, body }: JsonAnswer): Buffer {
  return Buffer.concat([Buffer.from(`${entityTag}\n`), body]);
}

/** The answer, whose body is a view of these bytes and no copy. */
export function decodeAnswer(bytes: Buffer): JsonAnswer {
  const end = bytes.indexOf(NEW_LINE);
  return new JsonAnswer(bytes.subarray(end + 1), bytes.toString('latin1', 0, end));
}
