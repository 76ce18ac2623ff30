import { compress, decompress, isCompressed } from '../codec/compression.js';
import type { CacheStats } from './cache-stats.js';

/** Converts the bytes of values to their stored form, and back. */
export class ValueCompressor {
  constructor(
    private readonly settings: { readonly compressionThreshold: number; readonly maxBytes: number },
    private readonly stats: CacheStats,
  ) {}

  async compress(bytes: Buffer): Promise<Buffer> {
    if (bytes.length < this.settings.compressionThreshold) return bytes;
    this.stats.compressed += 1;
    return compress(bytes);
  }

  /** Returns bytes that cannot be decompressed unchanged; no format begins like that, so decoding fails. */
  decompress(bytes: Buffer): Buffer | Promise<Buffer> {
    if (!isCompressed(bytes)) return bytes;
    return decompress(bytes, this.settings.maxBytes).catch(() => bytes);
  }
}
