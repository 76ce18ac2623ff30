import type { Outbox, OutboxDepth, OutboxRow } from '../../database/index.js';
import { TooManyRedirectionsError, type RedisClient, type RedisConnections } from '../../redis/index.js';
import { evictedKeys, groupByShard, removalSteps } from './cache-keys.js';
import type { Eviction, OnError } from './cache-storage.js';
import { InvalidationRetryQueue } from './invalidation-retry-queue.js';
import type { Shards } from './shards.js';
import { CacheQuarantine } from './cache-quarantine.js';
import { INVALIDATION_TOPIC, type InvalidationMessage } from './invalidation-message.js';

/** Maximum keys per eviction; a larger one evicts the whole cache. */
const KEYS_PER_EVICT = 1_000;
const KEYS_PER_COMMAND = 500;

/** Dependencies of a storage in an application. */
export interface StorageDependencies {
  /** Stores the pending evictions; undefined in an application without a database. */
  readonly outbox?: Outbox | undefined;
  /** Reports lost connections. */
  readonly connections?: RedisConnections;
}

/**
 * Applies evictions, and retries those that Redis has not confirmed: they wait in the outbox, or in memory without one.
 * The cache stays in quarantine as long as an eviction is pending that was pending when the quarantine took its
 * snapshot.
 */
export class Invalidator {
  readonly quarantine: CacheQuarantine;
  private readonly outbox: Outbox | undefined;
  private readonly pending: InvalidationRetryQueue;

  constructor(
    private readonly redis: RedisClient,
    private readonly shards: Shards,
    { outbox, connections }: StorageDependencies,
  ) {
    this.outbox = outbox;
    const keysOfAll = (cache: string) => this.evictedFrom(cache, { all: true });
    this.pending = new InvalidationRetryQueue((keys) => this.removeKeys(keys), keysOfAll, outbox);
    this.quarantine = new CacheQuarantine({
      isWritable: async () => connections === undefined || connections.isWritable('cache'),
      snapshotPending: async () => {
        const settled = await outbox?.checkpoint(INVALIDATION_TOPIC);
        return async () => this.pending.isEmpty && (settled === undefined || (await settled()));
      },
    });
    outbox?.handle(INVALIDATION_TOPIC, (rows) => this.relay(rows));
    connections?.onConnectionChange('cache', () => this.quarantine.enter());
  }

  /** See `CacheStorage.evict`. */
  async evict(cache: string, evictions: readonly Eviction[], isInOutbox: boolean, failed?: OnError): Promise<boolean> {
    const keys = this.keysOf(cache, evictions);
    try {
      await this.removeKeys(keys);
      return true;
    } catch (error) {
      failed?.(error);
      if (!isInOutbox) {
        await this.pending.add({ cache, keys });
        // The snapshot taken until now did not include this eviction.
        this.quarantine.enter();
      }
      return false;
    }
  }

  /** See `CacheStorage.invalidationMessage`. */
  message(cache: string, evictions: readonly Eviction[]): InvalidationMessage | undefined {
    return this.outbox && { cache, keys: this.keysOf(cache, evictions) };
  }

  /** Depth of the outbox for evictions. */
  async pendingInOutbox(): Promise<OutboxDepth | undefined> {
    return this.outbox?.depth(INVALIDATION_TOPIC);
  }

  /** Starts in quarantine, and waits for its end: a new process does not know which evictions are pending. */
  async open(waitMs: number): Promise<void> {
    if (this.outbox === undefined) return;
    this.quarantine.enter();
    await this.quarantine.ended(waitMs);
  }

  /** Retries the evictions in memory once more. */
  async close(): Promise<void> {
    this.quarantine.close();
    await this.pending.close();
  }

  private async relay(rows: readonly OutboxRow[]): Promise<void> {
    const keys = rows.flatMap(({ payload }) => (payload as InvalidationMessage).keys);
    await this.removeKeys([...new Set(keys)]);
  }

  /** After a failure this process could still read the entries, whoever evicts them: it enters quarantine. */
  private async removeKeys(keys: readonly string[]): Promise<void> {
    try {
      await Promise.all(groupByShard(keys).map((group) => this.removeTogether(group)));
    } catch (error) {
      this.quarantine.enter();
      throw error;
    }
  }

  private async removeTogether(all: readonly string[]): Promise<void> {
    // One command removes all keys at once. Between two, nothing may be stored under a guard that the second removes.
    const keys = all.length > KEYS_PER_COMMAND ? removalSteps(all).flat() : all;
    for (let first = 0; first < keys.length; first += KEYS_PER_COMMAND) {
      await this.unlink(keys.slice(first, first + KEYS_PER_COMMAND));
    }
  }

  private async unlink(keys: readonly string[]): Promise<void> {
    try {
      await this.redis.unlink(...keys);
    } catch (error) {
      if (!(error instanceof TooManyRedirectionsError)) throw error;
      // The keys of a migrating slot are on two masters: no command reaches both, but a command per key succeeds.
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
