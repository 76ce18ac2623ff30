import { crc32 } from 'node:zlib';
import { Cluster } from 'ioredis';
import type { RedisClient } from '../../redis/index.js';

/**
 * Must be equal in all processes: an eviction reaches only the shards that its process knows. Changing it on a Cluster
 * in use requires stopping all processes, or another prefix of the caches.
 */
const SHARDS_IN_A_CLUSTER = 16;

/**
 * Number of hash slots of a cache. On a single server it is one. On a Cluster a slot is on one master, which would
 * limit the throughput of a busy cache; so there a cache is split into shards, each with its own stamps. An entry and
 * its guards are in the shard of its key; an operation on the whole cache applies to every shard.
 */
export class Shards {
  constructor(private readonly count: number) {}

  static for(redis: RedisClient): Shards {
    return new Shards(redis instanceof Cluster ? SHARDS_IN_A_CLUSTER : 1);
  }

  /** The shard of an entry. */
  of(cache: string, key: string): string {
    return this.count === 1 ? cache : this.name(cache, crc32(key) % this.count);
  }

  all(cache: string): readonly string[] {
    return this.count === 1 ? [cache] : Array.from({ length: this.count }, (_, index) => this.name(cache, index));
  }

  // Cache names contain no `#`, so a shard never has the name of another cache.
  private name(cache: string, index: number): string {
    return `${cache}#${index}`;
  }
}
