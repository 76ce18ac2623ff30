import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';

const compressed = promisify(brotliCompress);
const decompressed = promisify(brotliDecompress);

/** Not among the formats of `encodeValue`. */
const MARK = Buffer.from('Z');
/** Of Brotli; measured in docs/adr/0032-compress-large-cache-values-with-brotli.md. */
const QUALITY = 1;

/** The bytes behind a mark, in less room: even noise is written in JSON with a quarter to spare. */
export async function compress(bytes: Buffer): Promise<Buffer> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return Buffer.concat([MARK, await compressed(bytes, { params })]);
}

/** Whether stored bytes begin with the mark of compression, which no encoded value begins with. */
export function isCompressed(bytes: Buffer): boolean {
  return bytes[0] === MARK[0];
}

/**
 * What was given to `compress`.
 * @throws Error when it is broken, or would be larger than `maxBytes`, of which no more is ever made
 */
export function decompress(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  return decompressed(bytes.subarray(MARK.length), { maxOutputLength: maxBytes });
}
