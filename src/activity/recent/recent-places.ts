import { Injectable } from '@nestjs/common';
import type { PageRequest, Slice } from '../../common/index.js';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { DELETE_RECENT } from './scripts/delete-recent.script.js';
import { RECORD_RECENT } from './scripts/record-recent.script.js';

const MAX_PLACES = 50;
const TTL_MS = 90 * 86_400_000;
/** TTL of the tombstone; longer than any view in flight when the account is deleted takes to arrive. */
const TOMBSTONE_TTL_MS = 3_600_000;

/**
 * Recently viewed places per user: at most 50, for 90 days after the last view. Stored in the durable Redis:
 *
 * | key                  | value                                                  |
 * |----------------------|--------------------------------------------------------|
 * | `recent:{user}`      | sorted set, place ids by time of view, in microseconds |
 * | `recent:{user}:left` | tombstone, for one hour after the account is deleted   |
 */
@Injectable()
export class RecentPlaces {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /** Records a view in the background; lost if Redis fails. */
  record(userId: string, placeId: number): void {
    void RECORD_RECENT.run(this.redis, keysOf(userId), [placeId, MAX_PLACES, TTL_MS]).catch(() => undefined);
  }

  /** One page of the ids of the user's places, most recently viewed first; some may be deleted. */
  async page(userId: string, { after, limit }: PageRequest): Promise<Slice<number>> {
    const max = after === null ? '+inf' : `(${after[0]}`;
    const [key] = keysOf(userId);
    const found = await this.redis.zrevrangebyscore(key, max, '-inf', 'WITHSCORES', 'LIMIT', 0, limit + 1);
    const page = found.slice(0, 2 * limit);
    return {
      items: page.filter((_, at) => at % 2 === 0).map(Number),
      next: found.length <= 2 * limit ? null : [Number(page.at(-1))],
    };
  }

  /** Deletes the list of a user whose account is deleted; views still in flight are ignored. */
  async deleteOf(userId: string): Promise<void> {
    await DELETE_RECENT.run(this.redis, keysOf(userId), [TOMBSTONE_TTL_MS]);
  }
}

function keysOf(userId: string): readonly [string, string] {
  return [`recent:{${userId}}`, `recent:{${userId}}:left`];
}
