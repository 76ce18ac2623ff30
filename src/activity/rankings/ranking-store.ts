import { Injectable } from '@nestjs/common';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { SAVE_RANKING } from './scripts/save-ranking.script.js';

/** Ranking windows: the last 24 hours and the last seven days. */
export const RANKING_WINDOWS = ['day', 'week'] as const;

export type RankingWindow = (typeof RANKING_WINDOWS)[number];

/** Entry of a ranking. */
export interface RankedPlace {
  readonly placeId: number;
  /** Sort key, unique within the ranking; greater ranks higher. */
  readonly position: number;
}

/** TTL of a ranking; one that was not rebuilt for this long is too old to be shown. */
const TTL_MS = 600_000;

/**
 * Rankings in the cache Redis; built from PostgreSQL, and rebuilt if lost. Each is a sorted set (`ranking:{day}`,
 * `ranking:{week}`) of place ids, scored by `position`.
 */
@Injectable()
export class RankingStore {
  constructor(@InjectRedis('cache') private readonly redis: RedisClient) {}

  async save(window: RankingWindow, ranking: readonly RankedPlace[]): Promise<void> {
    const members = ranking.flatMap(({ placeId, position }) => [position, placeId]);
    await SAVE_RANKING.run(this.redis, [keyOf(window)], [TTL_MS, ...members]);
  }

  /**
   * Next entries of a ranking, best first, from the top or below a position.
   * @returns null if the ranking does not exist
   */
  async read(window: RankingWindow, below: number | null, limit: number): Promise<RankedPlace[] | null> {
    const key = keyOf(window);
    const max = below === null ? '+inf' : `(${below}`;
    const found = await this.redis.zrevrangebyscore(key, max, '(0', 'WITHSCORES', 'LIMIT', 0, limit);
    if (found.length === 0 && (await this.redis.exists(key)) === 0) return null;
    return Array.from({ length: found.length / 2 }, (_, at) => {
      return { placeId: Number(found[2 * at]), position: Number(found[2 * at + 1]) };
    });
  }
}

function keyOf(window: RankingWindow): string {
  return `ranking:{${window}}`;
}
