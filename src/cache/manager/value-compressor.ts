import { compress, decompress, isCompressed } from '../codec/compression.js';
import type { CacheStats } from './cache-stats.js';

/** Turns the bytes of values into those that are stored, and back. */
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

  /** What cannot be unpacked stays as it is; no format begins like that, so nobody can read it. */
  decompress(bytes: Buffer): Buffer | Promise<Buffer> {
    if (!isCompressed(bytes)) return bytes;
    return decompress(bytes, this.settings.maxBytes).catch(() => bytes);
  }
}
