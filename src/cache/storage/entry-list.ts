import { createHash } from 'node:crypto';
import { Cluster, type Redis } from 'ioredis';
import { LuaScript, type RedisClient } from '../../redis/index.js';
import { allKey, encodedTagOf, entryKey } from './cache-keys.js';
import type { EntryInfo, EntryPage, EntryPosition } from './cache-storage.js';
import type { Shards } from './shards.js';

/** Keys per SCAN (COUNT), and SCANs per page. */
const KEYS_PER_SCAN = 500;
const SCANS_PER_PAGE = 10;
const INSPECTED_AT_ONCE = 100;
/** Separator between shard and key in the Redis key of an entry: the end of the prefix that `entryKey` adds. */
const KEY_BEGINS = entryKey('', '').slice('cache:{'.length);
const START: EntryPosition = [0, '0', ''];

/**
 * Describes an entry that `READ` would find, without taking a lease. Nil for an entry that was evicted through a stamp
 * and has not expired yet. KEYS: entry, all.
 */
const INSPECT = new LuaScript(`
local entry = redis.call('HMGET', KEYS[1], 'all', 'tags', 'stale')
if not entry[1] or entry[1] ~= redis.call('GET', KEYS[2]) then return false end
local tags = {}
if entry[2] then
  for key, seen in pairs(cjson.decode(entry[2])) do
    if redis.call('GET', key) ~= seen then return false end
    tags[#tags + 1] = key
  end
end
local bytes = redis.call('HSTRLEN', KEYS[1], 'value') + redis.call('HSTRLEN', KEYS[1], 'response')
return { redis.call('PTTL', KEYS[1]) - (entry[3] or 0), bytes, tags }
`);

interface Found {
  readonly shard: string;
  readonly key: string;
  /** Sort position within one SCAN reply, independent of the order in which the server returns the keys. */
  readonly place: string;
}

/** Lists entries by SCAN, a bounded number of keys per page: the server is never blocked, and a page may be short. */
export class EntryList {
  constructor(
    private readonly redis: RedisClient,
    private readonly shards: Shards,
  ) {}

  async page(cache: string, limit: number, from: EntryPosition = START): Promise<EntryPage> {
    const entries: EntryInfo[] = [];
    const nodes = nodesOf(this.redis);
    let [at, cursor, after] = from;
    for (let scans = 0; scans < SCANS_PER_PAGE; scans += 1) {
      const node = nodes[at];
      if (node === undefined) return { entries, next: undefined };
      const { next, found } = await this.scan(node, cache, cursor);
      const left = found.filter(({ place }) => place > after);
      const last = await this.inspect(left, entries, limit);
      if (last !== undefined) return { entries, next: [at, cursor, last] };
      [at, cursor, after] = next === '0' ? [at + 1, '0', ''] : [at, next, ''];
    }
    return { entries, next: at < nodes.length ? [at, cursor, after] : undefined };
  }

  /**
   * Adds entries until the limit is reached.
   * @returns the place of the last inspected entry, when some may be left
   */
  private async inspect(found: readonly Found[], entries: EntryInfo[], limit: number) {
    for (let first = 0; first < found.length; first += INSPECTED_AT_ONCE) {
      const some = found.slice(first, first + INSPECTED_AT_ONCE);
      const infos = await Promise.all(some.map((each) => this.info(each)));
      for (const [index, info] of infos.entries()) {
        if (entries.length === limit) return some[index - 1]?.place ?? found[first - 1]?.place ?? '';
        if (info !== undefined) entries.push(info);
      }
    }
    return undefined;
  }

  private async info({ shard, key }: Found): Promise<EntryInfo | undefined> {
    const reply = await INSPECT.run(this.redis, [entryKey(shard, key), allKey(shard)], []);
    if (reply === null) return undefined;
    const [ttlMs, bytes, tagKeys] = reply as [number, number, string[]];
    return { key, ttlMs: Math.max(ttlMs, 0), bytes, tags: tagKeys.map((each) => tagOf(shard, each)).sort() };
  }

  private async scan(node: Redis, cache: string, cursor: string): Promise<{ next: string; found: Found[] }> {
    // Also matches caches whose names begin alike; their keys are filtered out below.
    const pattern = entryKey(`${cache.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}*`, '*');
    const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', KEYS_PER_SCAN);
    const found = [...new Set(keys)].flatMap((each) => {
      const key = each.slice(each.indexOf(KEY_BEGINS) + KEY_BEGINS.length);
      const shard = this.shards.of(cache, key);
      if (entryKey(shard, key) !== each) return [];
      return { shard, key, place: createHash('sha1').update(each).digest('base64url') };
    });
    return { next, found: found.sort((one, other) => (one.place < other.place ? -1 : 1)) };
  }
}

/** All masters, in the same order on every call. */
function nodesOf(redis: RedisClient): Redis[] {
  if (!(redis instanceof Cluster)) return [redis];
  const nameOf = ({ options }: Redis) => `${options.host}:${options.port}`;
  return redis.nodes('master').sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

/** The original tag; a tag that is too long is shown as its hash. */
function tagOf(shard: string, key: string): string {
  const encoded = encodedTagOf(shard, key);
  return encoded.startsWith('"') ? (JSON.parse(encoded) as string) : encoded;
}
