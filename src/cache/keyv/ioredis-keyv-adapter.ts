import { EventEmitter } from 'node:events';
import { Cluster } from 'ioredis';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import { serversOf, type RedisClient } from '../../redis/index.js';

const KEYS_PER_STEP = 500;
const LONGEST_MS = 365 * 86_400_000;
/** Expiration time in a value that Keyv has serialised. */
const EXPIRES = /"expires":(\d+)\}$/;

/**
 * Keyv store on an ioredis connection, for `CACHE_MANAGER`. Writes a value and its TTL with one command, and does not
 * use KEYS; `clear` and `iterator` use SCAN. It does not close the connection, which is shared.
 */
export class IoredisKeyvAdapter extends EventEmitter implements KeyvStoreAdapter {
  /** Keyv iterates only stores with a dialect it supports. */
  readonly opts = { dialect: 'redis', url: 'redis://' };
  namespace: string | undefined;

  /** @param prefix prefix of all keys in Redis, so that `clear` cannot remove the keys of others */
  constructor(
    private readonly redis: RedisClient,
    private readonly prefix: string,
  ) {
    super();
  }

  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    return unlessPast<Value>(await this.reported(this.redis.get(this.prefix + key)));
  }

  async getMany<Value>(keys: string[]): Promise<StoredData<Value | undefined>[]> {
    const values = await this.reported(this.valuesOf(keys.map((key) => this.prefix + key)));
    return values.map((value) => unlessPast<Value>(value));
  }

  /**
   * @param ttl milliseconds; fractions are rounded up, 0 or none means no expiration (Keyv's rule)
   * @throws RangeError when it is not a number or exceeds a year
   */
  async set(key: string, value: string, ttl = 0): Promise<boolean> {
    if (!(ttl <= LONGEST_MS)) throw new RangeError(`ttl is ${ttl}; it must be milliseconds up to a year`);
    if (ttl === 0) await this.redis.set(this.prefix + key, value);
    else await this.redis.set(this.prefix + key, value, 'PX', Math.max(1, Math.ceil(ttl)));
    return true;
  }

  async delete(key: string): Promise<boolean> {
    return (await this.redis.unlink(this.prefix + key)) > 0;
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return (await this.unlink(keys.map((key) => this.prefix + key))) > 0;
  }

  async has(key: string): Promise<boolean> {
    return (await this.redis.exists(this.prefix + key)) > 0;
  }

  /** Removes the keys of the namespace, or all keys with the prefix when there is no namespace. */
  async clear(): Promise<void> {
    for await (const keys of this.scan(this.namespace)) await this.unlink(keys);
  }

  async *iterator<Value>(namespace?: string): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    for await (const keys of this.scan(namespace)) {
      const values = await this.valuesOf(keys);
      for (const [index, key] of keys.entries()) {
        const value = unlessPast<Value>(values[index]);
        if (value !== undefined) yield [key.slice(this.prefix.length), value as Awaited<Value>];
      }
    }
  }

  disconnect(): Promise<void> {
    return Promise.resolve();
  }

  // Failed reads are the only failures that Keyv does not report, so they are emitted here.
  private async reported<T>(reading: Promise<T>): Promise<T> {
    return reading.catch((error: unknown) => {
      this.emit('error', error);
      throw error;
    });
  }

  // A command with several keys needs them in one hash slot; on a Cluster these keys are in different ones.
  private async valuesOf(keys: readonly string[]): Promise<(string | null)[]> {
    if (this.redis instanceof Cluster) return Promise.all(keys.map((key) => this.redis.get(key)));
    return keys.length === 0 ? [] : this.redis.mget(...keys);
  }

  private async unlink(keys: readonly string[]): Promise<number> {
    const groups = this.redis instanceof Cluster ? keys.map((key) => [key]) : [keys].filter((all) => all.length > 0);
    const counts = await Promise.all(groups.map((group) => this.redis.unlink(...group)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private async *scan(namespace: string | undefined): AsyncGenerator<string[], void> {
    const begin = this.prefix + (namespace === undefined ? '' : `${namespace}:`);
    const match = `${begin.replaceAll(/[*?[\]\\^]/g, '\\$&')}*`;
    for (const server of serversOf(this.redis)) {
      let cursor = '0';
      do {
        const [next, keys] = await server.scan(cursor, 'MATCH', match, 'COUNT', KEYS_PER_STEP);
        if (keys.length > 0) yield keys;
        cursor = next;
      } while (cursor !== '0');
    }
  }
}

/**
 * Undefined for a value that has expired by the clock of this process. Keyv would delete it, although the clock may be
 * wrong; expiration is left to Redis.
 */
function unlessPast<Value>(value: string | null | undefined): StoredData<Value> | undefined {
  const [, expires = Infinity] = EXPIRES.exec(value ?? '') ?? [];
  return Date.now() > Number(expires) ? undefined : ((value ?? undefined) as StoredData<Value> | undefined);
}
