import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';

const compressed = promisify(brotliCompress);
const decompressed = promisify(brotliDecompress);

/** First byte of compressed values; not among the formats of `encodeValue`. */
const MARK = Buffer.from('Z');
/** Brotli quality; measured in docs/adr/0032-compress-large-cache-values-with-brotli.md. */
const QUALITY = 1;

/**
 * Compresses bytes and prepends the mark. The result is smaller: even noise, encoded as JSON, has a quarter of
 * redundancy.
 */
export async function compress(bytes: Buffer): Promise<Buffer> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
  const params = { [BROTLI_PARAM_QUALITY]: QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return Buffer.concat([MARK, await compressed(bytes, { params })]);
}

/** Whether stored bytes begin with the compression mark, with which no encoded value begins. */
export function isCompressed(bytes: Buffer): boolean {
  return bytes[0] === MARK[0];
}

/**
 * Reverses `compress`.
 * @throws Error when the bytes are corrupt, or the output would exceed `maxBytes`; more than that is never produced
 */
export function decompress(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  return decompressed(bytes.subarray(MARK.length), { maxOutputLength: maxBytes });
}
