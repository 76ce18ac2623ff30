import { Injectable } from '@nestjs/common';
import type { PageRequest } from '../../database/index.js';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import type { PageOfIds } from '../page-of-ids.js';
import { FORGET_RECENT } from './scripts/forget-recent.script.js';
import { NOTE_RECENT } from './scripts/note-recent.script.js';

const PLACES = 50;
const LIFE_MS = 90 * 86_400_000;
/** A view that was on its way when its user left has arrived long before. */
const TOMBSTONE_TTL_MS = 3_600_000;

/**
 * The places each user has seen last, at most 50, for 90 days after the last of them; in the durable Redis:
 *
 * | key                  | is                                                                    |
 * |----------------------|-----------------------------------------------------------------------|
 * | `recent:{user}`      | sorted set, ids of places by the time they were seen, in microseconds |
 * | `recent:{user}:left` | there for an hour after the user has left                             |
 */
@Injectable()
export class RecentPlaces {
  constructor(@InjectRedis('store') private readonly redis: RedisClient) {}

  /** Nobody waits for it; what cannot be noted is not. */
  record(userId: string, placeId: number): void {
    void NOTE_RECENT.run(this.redis, keysOf(userId), [placeId, PLACES, LIFE_MS]).catch(() => undefined);
  }

  /** One page, the place seen last first; some may be gone. */
  async page(userId: string, { after, limit }: PageRequest): Promise<PageOfIds> {
    const max = after === null ? '+inf' : `(${after[0]}`;
    const [key] = keysOf(userId);
    const found = await this.redis.zrevrangebyscore(key, max, '-inf', 'WITHSCORES', 'LIMIT', 0, limit + 1);
    const page = found.slice(0, 2 * limit);
    return {
      ids: page.filter((_, at) => at % 2 === 0).map(Number),
      next: found.length <= 2 * limit ? null : [Number(page.at(-1))],
    };
  }

  /** Forgets all of a user, who has left, and what is still on its way. */
  async forget(userId: string): Promise<void> {
    await FORGET_RECENT.run(this.redis, keysOf(userId), [TOMBSTONE_TTL_MS]);
  }
}

function keysOf(userId: string): readonly [string, string] {
  return [`recent:{${userId}}`, `recent:{${userId}}:left`];
}
