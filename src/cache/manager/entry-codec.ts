import { Logger } from '@nestjs/common';
import type { JsonAnswer } from '../../common/index.js';
import {
  NullNotAllowedError,
  OversizedValueError,
  UncacheableValueError,
  UndecodableValueError,
} from '../cache.errors.js';
import { decodeAnswer, encodeAnswer } from '../codec/answer-bytes.js';
import { decodeValue, encodeValue } from '../codec/value-codec.js';
import type { Entry, Lease, Reading } from '../storage/cache-storage.js';
import type { CacheStats } from './cache-stats.js';
import { Packing } from './packing.js';
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
  | Exclude<Reading, { readonly kind: 'hit' }>;

/** An answer that is kept ready to send. */
export interface KeptAnswer {
  readonly kind: 'answer';
  readonly answer: JsonAnswer;
  readonly refresh: Lease | undefined;
}

/** Turns the values of one cache into what is stored of them, and back; counts and tells what cannot be turned. */
export class EntryCodec {
  private readonly logger = new Logger('Cache');
  private readonly packing: Packing;
  private readonly told = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly settings: RegionSettings,
    private readonly stats: CacheStats,
  ) {
    this.packing = new Packing(settings, stats);
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
      this.tellOnce(error.message, error.found);
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
    const answer = encodeAnswer(value, answerOf(value));
    return answer.length > this.settings.maxBytes ? { value: bytes } : { value: bytes, answer };
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
  async pack({ value, answer }: Entry): Promise<Entry> {
    return { value: await this.packing.pack(value), answer };
  }

  /** As it was before it was packed; no promise unless it is compressed. */
  unpack(reading: Reading): Reading | Promise<Reading> {
    if (reading.kind === 'away') return reading;
    const packed = reading.kind === 'hit' ? reading.bytes : reading.stale;
    if (reading.kind === 'hit') this.stats.bytesRead += reading.bytes.length;
    if (packed === undefined || (reading.kind === 'hit' && reading.form === 'answer')) return reading;
    const bytes = this.packing.unpack(packed);
    if (Buffer.isBuffer(bytes)) return reading;
    return bytes.then((plain) =>
      reading.kind === 'hit' ? { ...reading, bytes: plain, stored: packed } : { ...reading, stale: plain },
    );
  }

  /** What a reading holds; undefined for bytes that are no value, or cannot be read. */
  open(reading: Reading): Lookup | undefined {
    if (reading.kind !== 'hit') return reading;
    if (reading.form === 'answer') return undefined;
    const { bytes, refresh, tags } = reading;
    const value = this.decode(bytes);
    return value && { kind: 'hit', value: value.decoded, bytes, refresh, tags };
  }

  /** The answer of a reading; undefined when it holds none, or, counted, one that this program does not give. */
  openAnswer(reading: Reading): KeptAnswer | undefined {
    if (reading.kind !== 'hit' || reading.form === 'value') return undefined;
    const answer = decodeAnswer(reading.bytes);
    if (answer !== undefined) return { kind: 'answer', answer, refresh: reading.refresh };
    this.stats.undecodable += 1;
    return undefined;
  }

  /** The value of bytes as they are stored, in a box. */
  async openBytes(stored: Buffer): Promise<{ readonly decoded: unknown } | undefined> {
    return this.decode(await this.packing.unpack(stored));
  }

  private tellOnce(message: string, what: string): void {
    if (this.told.has(what)) return;
    this.told.add(what);
    this.logger.warn(`cache '${this.name}': ${message}`);
  }
}
