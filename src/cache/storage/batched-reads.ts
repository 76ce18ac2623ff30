import { allKey, encodedTagOf, entryKey, leaseKey, otherGuardKeys } from './cache-keys.js';
import type { Lease, ReadResult, ReadOptions } from './cache-storage.js';
import { uniqueToken } from './unique-token.js';

/**
 * Lookups per command. With more in one command, this process would idle while Redis works, and Redis while this
 * process works: 64 callers got 1.5 to 1.9 times the hits with 16 per command (bench/README.md).
 */
const LOOKUPS_PER_COMMAND = 16;

/**
 * Reply of `READ` to one lookup: a `hit`, with a token when the caller is to refresh the entry; a `lease`; or `locked`,
 * with the token of the lease holder. The bytes of the last two are stale; `locked` omits them for a reader that has
 * them.
 */
export type ReadReply = readonly [kind: Buffer, bytes: Buffer | null, token: Buffer, field?: Buffer, tags?: Buffer];

/** Sends lookups, and is notified of their outcome. */
export interface ReadTransport {
  /** Runs `READ` once. */
  run(keys: readonly string[], args: readonly (string | number)[]): Promise<readonly ReadReply[]>;
  onReply(): void;
  /** No reply was received; Redis may still have granted the lease with that key, under that token. */
  onFailure(leaseKey: string, token: string, error: unknown): void;
}

interface Caller {
  resolve(reading: ReadResult): void;
  reject(error: unknown): void;
}

/** The entry that a lease is requested for. */
type LeaseRequest = Omit<Lease, 'token'>;

interface Lookup {
  readonly wanted: LeaseRequest;
  readonly callers: Caller[];
}

/** Lookups that differ only in their keys. */
interface Batch {
  readonly shard: string;
  readonly options: ReadOptions;
  readonly lookups: Map<string, Lookup>;
}

const HIT = Buffer.from('hit');
const LOCKED = Buffer.from('locked');
const RESPONSE = Buffer.from('response');
const NOTHING = Buffer.alloc(0);

/**
 * Batches the lookups of one event loop turn: one command for all entries of a shard, one lookup for all callers of the
 * same entry. No caller joins a lookup that has been sent, so the data a caller gets was read after its call.
 */
export class BatchedReads {
  private readonly batches = new Map<string, Batch>();

  constructor(
    private readonly transport: ReadTransport,
    private readonly lives: readonly [leaseMs: number, stampMs: number],
  ) {}

  /** @param shard shard of the entry; see `Shards` */
  find(shard: string, wanted: LeaseRequest, options: ReadOptions): Promise<ReadResult> {
    const { key, tags } = wanted;
    // The factor of the first lookup applies to the whole batch: the factors are random anyway.
    const { representation, earlyRefreshFactor, knowsStale } = options;
    const kind = `${representation} ${earlyRefreshFactor > 0} ${knowsStale} ${tags?.length} ${shard}`;
    const batch = this.batches.get(kind) ?? this.open(kind, shard, options);
    return new Promise((resolve, reject) => {
      const id = tags?.length ? `${key} ${tags.join(' ')}` : key;
      const same = batch.lookups.get(id);
      if (same !== undefined) {
        same.callers.push({ resolve, reject });
        return;
      }
      batch.lookups.set(id, { wanted, callers: [{ resolve, reject }] });
      if (batch.lookups.size === LOOKUPS_PER_COMMAND) this.send(kind, batch);
    });
  }

  // Immediates run after all received input has been read: concurrent requests of many connections share a batch.
  private open(kind: string, shard: string, options: ReadOptions): Batch {
    const batch = { shard, options, lookups: new Map<string, Lookup>() };
    this.batches.set(kind, batch);
    setImmediate(() => this.send(kind, batch));
    return batch;
  }

  private send(kind: string, batch: Batch): void {
    if (this.batches.get(kind) !== batch) return;
    this.batches.delete(kind);
    const { shard, options } = batch;
    const lookups = [...batch.lookups.values()];
    const keys = [allKey(shard)];
    for (const { wanted: { key, tags } } of lookups) {
      keys.push(entryKey(shard, key), leaseKey(shard, key), ...otherGuardKeys(shard, tags));
    }
    const token = uniqueToken();
    const keysOfOne = (keys.length - 1) / lookups.length;
    // All lookups of a batch name the same number of tags.
    const named = lookups[0]?.wanted.tags?.length ?? -1;
    const withoutStale = options.knowsStale === true ? 1 : 0;
    const { representation, earlyRefreshFactor } = options;
    const args = [token, ...this.lives, keysOfOne, representation, earlyRefreshFactor, named, withoutStale];
    this.transport.run(keys, args).then(
      (replies) => {
        this.transport.onReply();
        for (const [index, { callers, wanted }] of lookups.entries()) {
          answer(callers, readingOf(replies[index] as ReadReply, wanted, shard));
        }
      },
      (error: unknown) => {
        lookups.forEach(({ callers, wanted: { key } }, index) => {
          this.transport.onFailure(leaseKey(shard, key), tokenOf(token, index), error);
          for (const caller of callers) caller.reject(error);
        });
      },
    );
  }
}

/** Token that `READ` generates for a lookup. */
function tokenOf(token: string, index: number): string {
  return `${token}.${index}`;
}

function readingOf([kind, bytes, given, field, stamps]: ReadReply, wanted: LeaseRequest, shard: string): ReadResult {
  const token = given.length === 0 ? undefined : given.toString();
  const tags = wanted.tags === undefined && bytes !== null ? tagsOf(stamps, shard) : undefined;
  if (kind.equals(HIT)) {
    const form = field?.equals(RESPONSE) === true ? 'response' : 'value';
    const refresh = token === undefined ? token : { ...wanted, token };
    return { kind: 'hit', bytes: bytes ?? NOTHING, form, refresh, tags };
  }
  const [stale, holder] = [bytes ?? undefined, token ?? ''];
  if (kind.equals(LOCKED)) return { kind: 'locked', token: holder, stale, tags };
  return { kind: 'lease', lease: { ...wanted, token: holder }, stale, tags };
}

function tagsOf(stamps: Buffer | undefined, shard: string): ReadonlySet<string> {
  const byKey = stamps?.length ? (JSON.parse(stamps.toString()) as object) : {};
  return new Set(Object.keys(byKey).map((key) => encodedTagOf(shard, key)));
}

/** Of the callers of one entry, the first gets the lease, if any; the others get the same result without it. */
function answer(callers: readonly Caller[], reading: ReadResult): void {
  callers[0]?.resolve(reading);
  if (callers.length === 1) return;
  const known = asOthersSee(reading);
  for (let index = 1; index < callers.length; index++) callers[index]?.resolve(known);
}

function asOthersSee(reading: ReadResult): ReadResult {
  switch (reading.kind) {
    case 'hit':
      return { ...reading, refresh: undefined };
    case 'lease':
      return { kind: 'locked', token: reading.lease.token, stale: reading.stale, tags: reading.tags };
    case 'locked':
    case 'unavailable':
      return reading;
  }
}
