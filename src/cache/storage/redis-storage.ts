import { createHash } from 'node:crypto';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { OutboxDepth } from '../../database/index.js';
import { RedisUnavailableError, type RedisClient } from '../../redis/index.js';
import { OrphanedLeases } from './orphaned-leases.js';
import { BatchedReads, type ReadReply } from './batched-reads.js';
import { allKey, entryKey, guardKeys, leaseKey, putGuards, putKey, tagKey, writesKey } from './cache-keys.js';
import { LEASE_MS } from './cache-storage.js';
import type {
  CacheStorage, Entry, EntryPage, EntryPosition, Eviction, Expiration, Lease, OnError, PutGuard, ReadOptions,
  ReadResult,
} from './cache-storage.js';
import { EntryList } from './entry-list.js';
import { Invalidator, type StorageDependencies } from './invalidator.js';
import { uniqueToken } from './unique-token.js';
import { BEGIN_PUT, DISCARD, FILL, PUT, READ, RELEASE, RENEW } from './lease-scripts.js';
import { Shards } from './shards.js';
import type { InvalidationMessage } from './invalidation-message.js';

/** Minimum TTL of stamps, and so the maximum duration of a load or put whose result is stored. */
const STAMP_LIFE_MS = 60_000;

/** Maximum wait at startup for evictions that another process left pending. */
const START_GRACE_MS = 1_000;

/**
 * Entries in Redis, guarded by leases and stamps (see `lease-scripts.ts`): one command per hit, which others may share,
 * and one more per miss. An operation on a whole cache takes one command per shard, all sent at once.
 */
export class RedisStorage implements CacheStorage, OnApplicationBootstrap, OnModuleDestroy {
  private readonly shards: Shards;
  private readonly reads: BatchedReads;
  private readonly invalidator: Invalidator;
  private readonly orphanedLeases = new OrphanedLeases((key, token) => RELEASE.run(this.redis, [key], [token]));

  /** @param loadMs maximum duration of a load whose result is cached: no lease lasts, or is renewed, for longer */
  constructor(
    private readonly redis: RedisClient,
    loadMs: number,
    surroundings: StorageDependencies = {},
  ) {
    if (loadMs > STAMP_LIFE_MS) {
      throw new RangeError(`cache setting \`lease\` is ${loadMs} ms; at most ${STAMP_LIFE_MS} ms are allowed`);
    }
    this.shards = Shards.for(redis);
    this.reads = new BatchedReads(
      {
        run: (keys, args) => this.runRead(keys, args),
        onReply: () => this.orphanedLeases.releaseAll(),
        onFailure: (lease, token, error) => this.abandon(lease, token, error),
      },
      [Math.min(loadMs, LEASE_MS), STAMP_LIFE_MS],
    );
    this.invalidator = new Invalidator(redis, this.shards, surroundings);
  }

  read(cache: string, key: string, tags: readonly string[] | undefined, options: ReadOptions): Promise<ReadResult> {
    if (this.invalidator.quarantine.isActive) return Promise.resolve(UNAVAILABLE);
    return this.reads.find(this.shards.of(cache, key), { cache, key, tags }, options);
  }

  async peek(cache: string, key: string): Promise<Buffer | undefined> {
    if (this.invalidator.quarantine.isActive) return undefined;
    const shard = this.shards.of(cache, key);
    const keys = [allKey(shard), entryKey(shard, key), leaseKey(shard, key)];
    const [reply] = await this.runRead(keys, ['', 0, 0, 2, 'value', 0, 0, 0]);
    return reply?.[0].equals(HIT) === true ? (reply[1] ?? undefined) : undefined;
  }

  async fill({ cache, key, token, tags }: Lease, entry: Entry, life: Expiration): Promise<boolean> {
    const shard = this.shards.of(cache, key);
    const guards = guardKeys(shard, tags);
    const keys = [entryKey(shard, key), leaseKey(shard, key), ...guards, ...life.tags.map((tag) => tagKey(shard, tag))];
    const lifeMs = life.ttlMs + life.staleMs;
    const { value, response = '' } = entry;
    const { staleMs, loadMs = 0, idleMs = 0 } = life;
    // An idle timeout shortens the remaining time of an entry that is not near its expiration, so no early refresh.
    const refreshMs = idleMs > 0 ? 0 : loadMs;
    const args = [token, guards.length, value, response, lifeMs, staleMs, uniqueToken(), refreshMs, idleMs];
    return (await this.orAbandon(leaseKey(shard, key), token, FILL.run(this.redis, keys, args))) === 1;
  }

  async renew({ cache, key, token }: Lease, lifeMs: number): Promise<boolean> {
    const args = [token, Math.ceil(Math.min(lifeMs, LEASE_MS))];
    return (await RENEW.run(this.redis, [leaseKey(this.shards.of(cache, key), key)], args)) === 1;
  }

  async release({ cache, key, token }: Lease): Promise<void> {
    const lease = leaseKey(this.shards.of(cache, key), key);
    await this.orAbandon(lease, token, RELEASE.run(this.redis, [lease], [token]));
  }

  async beginPut(cache: string, key: string | undefined, tags: readonly string[] | undefined): Promise<PutGuard> {
    const args = [uniqueToken(), STAMP_LIFE_MS];
    const shards = key === undefined ? this.shards.all(cache) : [this.shards.of(cache, key)];
    const seen = await Promise.all(
      shards.map(async (shard): Promise<[string, string]> => {
        return [shard, String(await BEGIN_PUT.run(this.redis, putGuards(shard, key, tags), args))];
      }),
    );
    return { cache, key, tags, seen: new Map(seen) };
  }

  async put(ticket: PutGuard, key: string, entry: Entry, life: Expiration): Promise<boolean> {
    const shard = this.shards.of(ticket.cache, key);
    const guards = putGuards(shard, ticket.key, ticket.tags);
    const changed = [entryKey(shard, key), leaseKey(shard, key), allKey(shard), putKey(shard, key), writesKey(shard)];
    const keys = [...changed, ...guards, ...life.tags.map((tag) => tagKey(shard, tag))];
    const lifeMs = life.ttlMs + life.staleMs;
    const { value, response = '' } = entry;
    const { staleMs, idleMs = 0 } = life;
    const args = [ticket.seen.get(shard) ?? '', guards.length, value, response, lifeMs, staleMs, uniqueToken(), idleMs];
    return (await PUT.run(this.redis, keys, args)) === 1;
  }

  evict(cache: string, evictions: readonly Eviction[], isInOutbox: boolean, failed?: OnError): Promise<boolean> {
    return this.invalidator.evict(cache, evictions, isInOutbox, failed);
  }

  invalidationMessage(cache: string, evictions: readonly Eviction[]): InvalidationMessage | undefined {
    return this.invalidator.message(cache, evictions);
  }

  async discard(cache: string, key: string, value: Buffer): Promise<void> {
    const digest = createHash('sha1').update(value).digest('hex');
    await DISCARD.run(this.redis, [entryKey(this.shards.of(cache, key), key)], [digest]);
  }

  pendingInvalidations(): Promise<OutboxDepth | undefined> {
    return this.invalidator.pendingInOutbox();
  }

  list(cache: string, limit: number, from?: EntryPosition): Promise<EntryPage> {
    return new EntryList(this.redis, this.shards).page(cache, limit, from);
  }

  onApplicationBootstrap(): Promise<void> {
    return this.invalidator.open(START_GRACE_MS);
  }

  onModuleDestroy(): Promise<void> {
    return this.invalidator.close();
  }

  private orAbandon<T>(lease: string, token: string, command: Promise<T>): Promise<T> {
    return command.catch((error: unknown) => {
      this.abandon(lease, token, error);
      throw error;
    });
  }

  private abandon(lease: string, token: string, error: unknown): void {
    if (!(error instanceof RedisUnavailableError)) this.orphanedLeases.add(lease, token);
  }

  private async runRead(keys: readonly string[], args: readonly (string | number)[]) {
    return (await READ.runForBytes(this.redis, keys, args)) as ReadReply[];
  }
}

const HIT = Buffer.from('hit');
const UNAVAILABLE: ReadResult = { kind: 'unavailable' };
