import { crc32 } from 'node:zlib';
import { Cluster } from 'ioredis';
import type { RedisClient } from '../../redis/index.js';

/**
 * All processes must agree on it: an evict reaches the shards it knows of. Changing it on a Cluster in use takes a stop
 * of all processes, or another prefix of the caches.
 */
const SHARDS_IN_A_CLUSTER = 16;

/**
 * In how many hash slots a cache lies. On one server it is one. On a Cluster a slot is on one master, and a busy cache
 * would be no faster than that: so there it is cut into shards, each with stamps of its own. An entry and all that it
 * is judged by are in the shard of its key; what concerns the whole cache concerns each shard.
 */
export class Shards {
  constructor(private readonly count: number) {}

  static for(redis: RedisClient): Shards {
    return new Shards(redis instanceof Cluster ? SHARDS_IN_A_CLUSTER : 1);
  }

  /** The one an entry is in. */
  of(cache: string, key: string): string {
    return this.count === 1 ? cache : this.name(cache, crc32(key) % this.count);
  }

  all(cache: string): readonly string[] {
    return this.count === 1 ? [cache] : Array.from({ length: this.count }, (_, index) => this.name(cache, index));
  }

  // No name of a cache holds such a sign, so no shard can be taken for another cache.
  private name(cache: string, index: number): string {
    return `${cache}#${index}`;
  }
}
