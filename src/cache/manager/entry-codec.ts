import { Logger } from '@nestjs/common';
import { ThrottledLogger, type PreparedResponse } from '../../common/index.js';
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

/** Result of a lookup. A value is the caller's own copy, with the bytes for further copies. */
export type Lookup =
  | {
      readonly kind: 'hit';
      readonly value: unknown;
      readonly bytes: Buffer;
      readonly refresh?: Lease | undefined;
      readonly tags?: ReadonlySet<string> | undefined;
    }
  | Exclude<ReadResult, { readonly kind: 'hit' }>;

/** A cached response, ready to send. */
export interface CachedResponse {
  readonly kind: 'answer';
  readonly answer: PreparedResponse;
  readonly refresh: Lease | undefined;
}

/** Encodes and decodes the entries of one cache; counts and logs values that cannot be converted. */
export class EntryCodec {
  private readonly logger = new ThrottledLogger(new Logger('Cache'));
  private readonly compressor: ValueCompressor;

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
   * @returns undefined for a value that cannot be stored, which is counted and logged once
   * @throws NullNotAllowedError
   */
  private encode(value: unknown): Buffer | undefined {
    try {
      return this.encodeOrThrow(value);
    } catch (error) {
      if (!(error instanceof UncacheableValueError)) throw error;
      this.stats[error instanceof OversizedValueError ? 'oversized' : 'uncacheable'] += 1;
      this.logger.warn(error.found, `cache '${this.name}': ${error.message}`);
      return undefined;
    }
  }

  /**
   * Entry of a value, with its response unless that is too large.
   * @param answerOf maps the value to the HTTP response body
   * @returns undefined for a value that cannot be stored, which is counted and logged once
   * @throws NullNotAllowedError
   */
  entryOf(value: unknown, answerOf: ((value: unknown) => object) | undefined): Entry | undefined {
    const bytes = this.encode(value);
    if (bytes === undefined || answerOf === undefined) return bytes && { value: bytes };
    const answer = encodeResponse(value, answerOf(value));
    return answer.length > this.settings.maxBytes ? { value: bytes } : { value: bytes, response: answer };
  }

  /** @returns undefined for bytes that cannot be decoded, which is counted */
  decode(bytes: Buffer): { readonly decoded: unknown } | undefined {
    try {
      return { decoded: decodeValue(bytes) };
    } catch (error) {
      if (!(error instanceof UndecodableValueError)) throw error;
      this.stats.undecodable += 1;
      return undefined;
    }
  }

  /** Stored form of an entry: a large value is compressed. */
  async pack({ value, response }: Entry): Promise<Entry> {
    return { value: await this.compressor.compress(value), response };
  }

  /** Reverses `pack`; returns a promise only for a compressed value. */
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

  /** Content of a read result; undefined for a response, and for bytes that cannot be decoded. */
  open(reading: ReadResult): Lookup | undefined {
    if (reading.kind !== 'hit') return reading;
    if (reading.form === 'response') return undefined;
    const { bytes, refresh, tags } = reading;
    const value = this.decode(bytes);
    return value && { kind: 'hit', value: value.decoded, bytes, refresh, tags };
  }

  /** Response of a read result; undefined for a value, and, counted, for a response that cannot be decoded. */
  openResponse(reading: ReadResult): CachedResponse | undefined {
    if (reading.kind !== 'hit' || reading.form === 'value') return undefined;
    const answer = decodeResponse(reading.bytes);
    if (answer !== undefined) return { kind: 'answer', answer, refresh: reading.refresh };
    this.stats.undecodable += 1;
    return undefined;
  }

  /** Decodes a value from its stored form, in a wrapper. */
  async openBytes(stored: Buffer): Promise<{ readonly decoded: unknown } | undefined> {
    return this.decode(await this.compressor.decompress(stored));
  }
}
