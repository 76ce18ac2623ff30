import type { Outbox, OutboxDepth, OutboxRow } from '../../database/index.js';
import type { RedisClient, RedisConnections } from '../../redis/index.js';
import { evictedKeys, groupByShard, removalSteps } from './cache-keys.js';
import type { Eviction, Failed } from './cache-storage.js';
import { PendingEvicts } from './pending-evicts.js';
import type { Shards } from './shards.js';
import { Trust } from './trust.js';
import { EVICTS_TOPIC, type WaitingEvict } from './waiting-evict.js';

/** An evict of more keys than that becomes one of the whole cache. */
const KEYS_PER_EVICT = 1_000;
const KEYS_PER_COMMAND = 500;

/** What else a storage works with in an application. */
export interface StorageSurroundings {
  /** Keeps the evicts that are still to be carried out; undefined in an application without a database. */
  readonly outbox?: Outbox | undefined;
  /** Tells of lost connections. */
  readonly connections?: RedisConnections;
}

/**
 * Evicts, and those that Redis has not confirmed: they wait in the outbox, or in memory where there is none, and as
 * long as one of them waits that was there when touch was lost, what the cache holds is not trusted.
 */
export class Evicts {
  readonly trust: Trust;
  private readonly outbox: Outbox | undefined;
  private readonly pending: PendingEvicts;

  constructor(
    private readonly redis: RedisClient,
    private readonly shards: Shards,
    { outbox, connections }: StorageSurroundings,
  ) {
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

  /** See `CacheStorage.evict`. */
  async evict(cache: string, evictions: readonly Eviction[], isKept: boolean, failed?: Failed): Promise<boolean> {
    const keys = this.keysOf(cache, evictions);
    try {
      await this.removeKeys(keys);
      return true;
    } catch (error) {
      failed?.(error);
      this.trust.lose();
      if (!isKept) {
        await this.pending.add({ cache, keys });
        // What was waited for until now did not include it.
        this.trust.lose();
      }
      return false;
    }
  }

  /** See `CacheStorage.waitingEvict`. */
  waiting(cache: string, evictions: readonly Eviction[]): WaitingEvict | undefined {
    return this.outbox && { cache, keys: this.keysOf(cache, evictions) };
  }

  /** How many wait in the outbox. */
  async countWaiting(): Promise<OutboxDepth | undefined> {
    return this.outbox?.depth(EVICTS_TOPIC);
  }

  /** A process that has just started does not know what one before it has left behind: waits for that a while. */
  async open(waitMs: number): Promise<void> {
    if (this.outbox === undefined) return;
    this.trust.lose();
    await this.trust.regained(waitMs);
  }

  /** Evicts that wait in memory are tried once more. */
  async close(): Promise<void> {
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

  private async removeTogether(all: readonly string[]): Promise<void> {
    // One command removes all at once. Between two, nothing may be stored under a right that goes with the second.
    const keys = all.length > KEYS_PER_COMMAND ? removalSteps(all).flat() : all;
    for (let first = 0; first < keys.length; first += KEYS_PER_COMMAND) {
      await this.unlink(keys.slice(first, first + KEYS_PER_COMMAND));
    }
  }

  private async unlink(keys: readonly string[]): Promise<void> {
    try {
      await this.redis.unlink(...keys);
    } catch (error) {
      if (!isSlotMoving(error)) throw error;
      // Some keys of the slot are on this master and some on that: no command reaches both, but one does for each key.
      for (const step of removalSteps(keys)) await Promise.all(step.map((key) => this.redis.unlink(key)));
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
}

/** So ioredis says it when the tries of a command have been used up by keys that were neither here nor there. */
function isSlotMoving(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Too many Cluster redirections');
}
