import { randomBytes } from 'node:crypto';
import type { OnModuleDestroy } from '@nestjs/common';
import type { RedisClient } from '../../redis/index.js';
import { allKey, entryKey, evictedKeys, guardKeys, leaseKey, putGuards, putKey, tagKey, writesKey } from './cache-keys.js';
import type { CacheStorage, Eviction, Lease, Life, PutTicket, Reading } from './cache-storage.js';
import { BEGIN_PUT, FILL, PUT, READ, RELEASE } from './lease-scripts.js';
import { PendingEvicts } from './pending-evicts.js';

/** Stamps live at least so long, which is how long a load or a put may take and still be kept. */
const STAMP_LIFE_MS = 60_000;

/** Random for the process, counted within it: no two are alike, whatever a server forgets. */
const PROCESS = randomBytes(12).toString('base64url');
let counter = 0;
const freshToken = () => `${PROCESS}.${(counter++).toString(36)}`;

/** Entries on Redis, guarded by leases and stamps (see `lease-scripts.ts`): one command a hit, one more a miss. */
export class RedisStorage implements CacheStorage, OnModuleDestroy {
  private readonly pending = new PendingEvicts(
    (keys) => this.redis.unlink(...keys),
    (cache) => evictedKeys(cache, { all: true }),
  );

  /** @param leaseMs a load that takes longer is not kept, and a holder that died is succeeded after this time */
  constructor(
    private readonly redis: RedisClient,
    private readonly leaseMs: number,
  ) {}

  get native(): RedisClient {
    return this.redis;
  }

  async read(cache: string, key: string, tags: readonly string[] | undefined, haste = 0): Promise<Reading> {
    if (this.pending.has(cache)) return { kind: 'away' };
    const keys = [entryKey(cache, key), leaseKey(cache, key), ...guardKeys(cache, tags)];
    const [kind, bytes, token] = await this.runRead(keys, [freshToken(), this.leaseMs, STAMP_LIFE_MS, haste]);
    if (bytes !== null && kind.toString() === 'hit') {
      return { kind: 'hit', bytes, refresh: token && { cache, key, token: token.toString(), tags } };
    }
    const [stale, holder] = [bytes ?? undefined, String(token)];
    if (kind.toString() === 'busy') return { kind: 'busy', token: holder, stale };
    return { kind: 'lease', lease: { cache, key, token: holder, tags }, stale };
  }

  async peek(cache: string, key: string): Promise<Buffer | undefined> {
    if (this.pending.has(cache)) return undefined;
    const keys = [entryKey(cache, key), leaseKey(cache, key), allKey(cache)];
    const [kind, bytes] = await this.runRead(keys, ['', 0, 0, 0]);
    return kind.toString() === 'hit' ? (bytes ?? undefined) : undefined;
  }

  async fill({ cache, key, token, tags }: Lease, bytes: Buffer, life: Life): Promise<boolean> {
    const guards = guardKeys(cache, tags);
    const keys = [entryKey(cache, key), leaseKey(cache, key), ...guards, ...life.tags.map((tag) => tagKey(cache, tag))];
    const lifeMs = life.ttlMs + life.staleMs;
    const args = [token, guards.length, bytes, lifeMs, life.staleMs, freshToken(), life.loadMs ?? 0];
    return (await FILL.run(this.redis, keys, args)) === 1;
  }

  async release({ cache, key, token }: Lease): Promise<void> {
    await RELEASE.run(this.redis, [leaseKey(cache, key)], [token]);
  }

  async beginPut(cache: string, key: string | undefined, tags: readonly string[] | undefined): Promise<PutTicket> {
    const args = [freshToken(), STAMP_LIFE_MS];
    const seen = await BEGIN_PUT.run(this.redis, putGuards(cache, key, tags), args);
    return { cache, key, tags, seen: String(seen) };
  }

  async put(ticket: PutTicket, key: string, bytes: Buffer, life: Life): Promise<boolean> {
    const { cache } = ticket;
    const guards = putGuards(cache, ticket.key, ticket.tags);
    const changed = [entryKey(cache, key), leaseKey(cache, key), allKey(cache), putKey(cache, key), writesKey(cache)];
    const keys = [...changed, ...guards, ...life.tags.map((tag) => tagKey(cache, tag))];
    const args = [ticket.seen, guards.length, bytes, life.ttlMs + life.staleMs, life.staleMs, freshToken()];
    return (await PUT.run(this.redis, keys, args)) === 1;
  }

  async evict(cache: string, eviction: Eviction): Promise<boolean> {
    const keys = evictedKeys(cache, eviction);
    try {
      await this.redis.unlink(...keys);
      return true;
    } catch {
      this.pending.add(cache, keys);
      return false;
    }
  }

  async discard(cache: string, key: string): Promise<void> {
    await this.redis.unlink(entryKey(cache, key));
  }

  /** Waiting evicts are tried once more. */
  onModuleDestroy(): Promise<void> {
    return this.pending.close();
  }

  private async runRead(keys: readonly string[], args: readonly (string | number)[]) {
    const reply = await READ.runForBytes(this.redis, keys, args);
    return reply as [kind: Buffer, bytes: Buffer | null, token?: Buffer];
  }
}
