import { createHash } from 'node:crypto';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Outbox, OutboxRow } from '../../database/index.js';
import { RedisAwayError, type RedisClient, type RedisConnections } from '../../redis/index.js';
import { AbandonedLeases } from './abandoned-leases.js';
import { BatchedReads, type ReadReply } from './batched-reads.js';
import {
  allKey,
  entryKey,
  evictedKeys,
  groupByShard,
  guardKeys,
  leaseKey,
  putGuards,
  putKey,
  tagKey,
  writesKey,
} from './cache-keys.js';
import type { CacheStorage, Entry, EntryPage, EntryPosition, Eviction, Lease } from './cache-storage.js';
import type { Life, PutTicket, Reading, Wish } from './cache-storage.js';
import { EntryList } from './entry-list.js';
import { freshToken } from './fresh-token.js';
import { BEGIN_PUT, DISCARD, FILL, PUT, READ, RELEASE } from './lease-scripts.js';
import { PendingEvicts } from './pending-evicts.js';
import { Shards } from './shards.js';
import { Trust } from './trust.js';
import { EVICTS_TOPIC, type WaitingEvict } from './waiting-evict.js';

/** Stamps live at least so long, which is how long a load or a put may take and still be kept. */
const STAMP_LIFE_MS = 60_000;

/** An evict of more keys than that becomes one of the whole cache. */
const KEYS_PER_EVICT = 1_000;
const KEYS_PER_COMMAND = 500;
/** How long the start waits for evicts that another process has left behind. */
const TRUSTED_AT_START_MS = 1_000;

/** What else a storage works with in an application. */
export interface StorageSurroundings {
  /** Keeps the evicts that are still to be carried out; undefined in an application without a database. */
  readonly outbox?: Outbox | undefined;
  /** Tells of lost connections. */
  readonly connections?: RedisConnections;
}

/**
 * Entries on Redis, guarded by leases and stamps (see `lease-scripts.ts`): one command a hit, one more a miss. What
 * concerns a whole cache takes one for each of its shards, all sent at once.
 */
export class RedisStorage implements CacheStorage, OnApplicationBootstrap, OnModuleDestroy {
  private readonly shards: Shards;
  private readonly reads: BatchedReads;
  private readonly outbox: Outbox | undefined;
  private readonly pending: PendingEvicts;
  private readonly trust: Trust;
  private readonly abandoned = new AbandonedLeases((key, token) => RELEASE.run(this.redis, [key], [token]));

  /** @param leaseMs a load that takes longer is not kept, and a holder that died is succeeded after this time */
  constructor(
    private readonly redis: RedisClient,
    leaseMs: number,
    { outbox, connections }: StorageSurroundings = {},
  ) {
    this.shards = Shards.for(redis);
    this.reads = new BatchedReads(
      {
        run: (keys, args) => this.runRead(keys, args),
        answered: () => this.abandoned.giveBack(),
        lost: (lease, token, error) => this.abandon(lease, token, error),
      },
      [leaseMs, STAMP_LIFE_MS],
    );
    this.outbox = outbox;
    const keysOfAll = (cache: string) => this.evictedFrom(cache, { all: true });
    this.pending = new PendingEvicts((keys) => this.removeKeys(keys), keysOfAll, outbox);
    this.trust = new Trust({
      ask: async () => connections === undefined || connections.serves('cache'),
      markWaiting: async () => {
        const settled = await outbox?.mark(EVICTS_TOPIC);
        return async () => this.pending.isEmpty && (settled === undefined || (await settled()));
      },
    });
    outbox?.handle(EVICTS_TOPIC, (rows) => this.relay(rows));
    connections?.whenLost('cache', () => this.trust.lose());
  }

  get native(): RedisClient {
    return this.redis;
  }

  read(cache: string, key: string, tags: readonly string[] | undefined, wish: Wish): Promise<Reading> {
    if (!this.trust.holds) return Promise.resolve(AWAY);
    return this.reads.find(this.shards.of(cache, key), { cache, key, tags }, wish);
  }

  async peek(cache: string, key: string): Promise<Buffer | undefined> {
    if (!this.trust.holds) return undefined;
    const shard = this.shards.of(cache, key);
    const keys = [allKey(shard), entryKey(shard, key), leaseKey(shard, key)];
    const [reply] = await this.runRead(keys, ['', 0, 0, 2, 'value', 0]);
    return reply?.[0].equals(HIT) === true ? (reply[1] ?? undefined) : undefined;
  }

  async fill({ cache, key, token, tags }: Lease, entry: Entry, life: Life): Promise<boolean> {
    const shard = this.shards.of(cache, key);
    const guards = guardKeys(shard, tags);
    const keys = [entryKey(shard, key), leaseKey(shard, key), ...guards, ...life.tags.map((tag) => tagKey(shard, tag))];
    const lifeMs = life.ttlMs + life.staleMs;
    const { value, answer = '' } = entry;
    const args = [token, guards.length, value, answer, lifeMs, life.staleMs, freshToken(), life.loadMs ?? 0];
    return (await this.orAbandon(leaseKey(shard, key), token, FILL.run(this.redis, keys, args))) === 1;
  }

  async release({ cache, key, token }: Lease): Promise<void> {
    const lease = leaseKey(this.shards.of(cache, key), key);
    await this.orAbandon(lease, token, RELEASE.run(this.redis, [lease], [token]));
  }

  async beginPut(cache: string, key: string | undefined, tags: readonly string[] | undefined): Promise<PutTicket> {
    const args = [freshToken(), STAMP_LIFE_MS];
    const shards = key === undefined ? this.shards.all(cache) : [this.shards.of(cache, key)];
    const seen = await Promise.all(
      shards.map(async (shard): Promise<[string, string]> => {
        return [shard, String(await BEGIN_PUT.run(this.redis, putGuards(shard, key, tags), args))];
      }),
    );
    return { cache, key, tags, seen: new Map(seen) };
  }

  async put(ticket: PutTicket, key: string, entry: Entry, life: Life): Promise<boolean> {
    const shard = this.shards.of(ticket.cache, key);
    const guards = putGuards(shard, ticket.key, ticket.tags);
    const changed = [entryKey(shard, key), leaseKey(shard, key), allKey(shard), putKey(shard, key), writesKey(shard)];
    const keys = [...changed, ...guards, ...life.tags.map((tag) => tagKey(shard, tag))];
    const lifeMs = life.ttlMs + life.staleMs;
    const { value, answer = '' } = entry;
    const args = [ticket.seen.get(shard) ?? '', guards.length, value, answer, lifeMs, life.staleMs, freshToken()];
    return (await PUT.run(this.redis, keys, args)) === 1;
  }

  async evict(cache: string, evictions: readonly Eviction[], isKept: boolean): Promise<boolean> {
    const keys = this.keysOf(cache, evictions);
    try {
      await this.removeKeys(keys);
      return true;
    } catch {
      this.trust.lose();
      if (!isKept) {
        await this.pending.add({ cache, keys });
        // What was waited for until now did not include it.
        this.trust.lose();
      }
      return false;
    }
  }

  waitingEvict(cache: string, evictions: readonly Eviction[]): WaitingEvict | undefined {
    return this.outbox && { cache, keys: this.keysOf(cache, evictions) };
  }

  async discard(cache: string, key: string, value: Buffer): Promise<void> {
    const digest = createHash('sha1').update(value).digest('hex');
    await DISCARD.run(this.redis, [entryKey(this.shards.of(cache, key), key)], [digest]);
  }

  list(cache: string, limit: number, from?: EntryPosition): Promise<EntryPage> {
    return new EntryList(this.redis, this.shards).page(cache, limit, from);
  }

  /** A process that has just started does not know what one before it has left behind. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.outbox === undefined) return;
    this.trust.lose();
    await this.trust.regained(TRUSTED_AT_START_MS);
  }

  /** Evicts that wait in memory are tried once more. */
  async onModuleDestroy(): Promise<void> {
    this.trust.close();
    await this.pending.close();
  }

  private async relay(rows: readonly OutboxRow[]): Promise<void> {
    const keys = rows.flatMap(({ payload }) => (payload as WaitingEvict).keys);
    await this.removeKeys([...new Set(keys)]);
  }

  private async removeKeys(keys: readonly string[]): Promise<void> {
    await Promise.all(groupByShard(keys).map((group) => this.removeTogether(group)));
  }

  private async removeTogether(keys: readonly string[]): Promise<void> {
    for (let first = 0; first < keys.length; first += KEYS_PER_COMMAND) {
      await this.redis.unlink(...keys.slice(first, first + KEYS_PER_COMMAND));
    }
  }

  private keysOf(cache: string, evictions: readonly Eviction[]): string[] {
    const keys = [...new Set(evictions.flatMap((eviction) => this.evictedFrom(cache, eviction)))];
    return keys.length <= KEYS_PER_EVICT ? keys : this.evictedFrom(cache, { all: true });
  }

  private evictedFrom(cache: string, eviction: Eviction): string[] {
    const shards = 'key' in eviction ? [this.shards.of(cache, eviction.key)] : this.shards.all(cache);
    return shards.flatMap((shard) => evictedKeys(shard, eviction));
  }

  private orAbandon<T>(lease: string, token: string, command: Promise<T>): Promise<T> {
    return command.catch((error: unknown) => {
      this.abandon(lease, token, error);
      throw error;
    });
  }

  private abandon(lease: string, token: string, error: unknown): void {
    if (!(error instanceof RedisAwayError)) this.abandoned.add(lease, token);
  }

  private async runRead(keys: readonly string[], args: readonly (string | number)[]) {
    return (await READ.runForBytes(this.redis, keys, args)) as ReadReply[];
  }
}

const HIT = Buffer.from('hit');
const AWAY: Reading = { kind: 'away' };
