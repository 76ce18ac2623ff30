import { Logger } from '@nestjs/common';
import type { PreparedResponse } from '../../common/index.js';
import {
  NullNotAllowedError,
  OversizedValueError,
  UncacheableValueError,
  UndecodableValueError,
} from '../cache.errors.js';
import { decodeResponse, encodeResponse } from '../codec/response-bytes.js';
import { decodeValue, encodeValue } from '../codec/value-codec.js';
import type { Entry, Lease, ReadResult } from '../storage/cache-storage.js';
import type { CacheStats } from './cache-stats.js';
import { ValueCompressor } from './value-compressor.js';
import type { RegionSettings } from './region-settings.js';

/** What a lookup found; a value comes as a copy of its own and as the bytes to make more. */
export type Lookup =
  | {
      readonly kind: 'hit';
      readonly value: unknown;
      readonly bytes: Buffer;
      readonly refresh?: Lease | undefined;
      readonly tags?: ReadonlySet<string> | undefined;
    }
  | Exclude<ReadResult, { readonly kind: 'hit' }>;

/** An answer that is kept ready to send. */
export interface CachedResponse {
  readonly kind: 'answer';
  readonly answer: PreparedResponse;
  readonly refresh: Lease | undefined;
}

/** Turns the values of one cache into what is stored of them, and back; counts and tells what cannot be turned. */
export class EntryCodec {
  private readonly logger = new Logger('Cache');
  private readonly compressor: ValueCompressor;
  private readonly warned = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly settings: RegionSettings,
    private readonly stats: CacheStats,
  ) {
    this.compressor = new ValueCompressor(settings, stats);
  }

  /**
   * @throws NullNotAllowedError
   * @throws UncacheableValueError
   */
  encodeOrThrow(value: unknown): Buffer {
    if (!this.settings.allowNull && (value === null || value === undefined)) throw new NullNotAllowedError(this.name);
    const bytes = encodeValue(value);
    if (bytes.length > this.settings.maxBytes) throw new OversizedValueError(bytes.length, this.settings.maxBytes);
    return bytes;
  }

  /**
   * @returns undefined, counted and told once, for a value that cannot be stored
   * @throws NullNotAllowedError
   */
  private encode(value: unknown): Buffer | undefined {
    try {
      return this.encodeOrThrow(value);
    } catch (error) {
      if (!(error instanceof UncacheableValueError)) throw error;
      this.stats[error instanceof OversizedValueError ? 'oversized' : 'uncacheable'] += 1;
      this.warnOnce(error.message, error.found);
      return undefined;
    }
  }

  /**
   * A value as it is stored, with its answer unless that is too large.
   * @param answerOf makes what an HTTP client is answered of the value
   * @returns undefined, counted and told once, for a value that cannot be stored
   * @throws NullNotAllowedError
   */
  entryOf(value: unknown, answerOf: ((value: unknown) => object) | undefined): Entry | undefined {
    const bytes = this.encode(value);
    if (bytes === undefined || answerOf === undefined) return bytes && { value: bytes };
    const answer = encodeResponse(value, answerOf(value));
    return answer.length > this.settings.maxBytes ? { value: bytes } : { value: bytes, response: answer };
  }

  /** @returns undefined, counted, for bytes that cannot be read */
  decode(bytes: Buffer): { readonly decoded: unknown } | undefined {
    try {
      return { decoded: decodeValue(bytes) };
    } catch (error) {
      if (!(error instanceof UndecodableValueError)) throw error;
      this.stats.undecodable += 1;
      return undefined;
    }
  }

  /** As it is stored, compressed if it is large. */
  async pack({ value, response }: Entry): Promise<Entry> {
    return { value: await this.compressor.compress(value), response };
  }

  /** As it was before it was packed; no promise unless it is compressed. */
  unpack(reading: ReadResult): ReadResult | Promise<ReadResult> {
    if (reading.kind === 'unavailable') return reading;
    const packed = reading.kind === 'hit' ? reading.bytes : reading.stale;
    if (reading.kind === 'hit') this.stats.bytesRead += reading.bytes.length;
    if (packed === undefined || (reading.kind === 'hit' && reading.form === 'response')) return reading;
    const bytes = this.compressor.decompress(packed);
    if (Buffer.isBuffer(bytes)) return reading;
    return bytes.then((plain) =>
      reading.kind === 'hit' ? { ...reading, bytes: plain, stored: packed } : { ...reading, stale: plain },
    );
  }

  /** What a reading holds; undefined for bytes that are no value, or cannot be read. */
  open(reading: ReadResult): Lookup | undefined {
    if (reading.kind !== 'hit') return reading;
    if (reading.form === 'response') return undefined;
    const { bytes, refresh, tags } = reading;
    const value = this.decode(bytes);
    return value && { kind: 'hit', value: value.decoded, bytes, refresh, tags };
  }

  /** The answer of a reading; undefined when it holds none, or, counted, one that this program does not give. */
  openResponse(reading: ReadResult): CachedResponse | undefined {
    if (reading.kind !== 'hit' || reading.form === 'value') return undefined;
    const answer = decodeResponse(reading.bytes);
    if (answer !== undefined) return { kind: 'answer', answer, refresh: reading.refresh };
    this.stats.undecodable += 1;
    return undefined;
  }

  /** The value of bytes as they are stored, in a box. */
  async openBytes(stored: Buffer): Promise<{ readonly decoded: unknown } | undefined> {
    return this.decode(await this.compressor.decompress(stored));
  }

  private warnOnce(message: string, what: string): void {
    if (this.warned.has(what)) return;
    this.warned.add(what);
    this.logger.warn(`cache '${this.name}': ${message}`);
  }
}
