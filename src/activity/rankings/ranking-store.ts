import { Injectable } from '@nestjs/common';
import { InjectRedis, type RedisClient } from '../../redis/index.js';
import { KEEP_RANKING } from './scripts/keep-ranking.script.js';

/** For how long places are ranked: the last 24 hours, or seven days. */
export const RANKING_WINDOWS = ['day', 'week'] as const;

export type RankingWindow = (typeof RANKING_WINDOWS)[number];

/** A place in a ranking. */
export interface Ranked {
  readonly placeId: number;
  /** Greater is better, no two places have the same. */
  readonly position: number;
}

/** If it is not made anew for so long, it is too old to be shown. */
const LIFE_MS = 600_000;

/**
 * The rankings, in the cache Redis: they are made from PostgreSQL, and made again when they are lost. Each is a sorted
 * set `ranking:{day}`, `ranking:{week}` of place ids by their positions.
 */
@Injectable()
export class RankingStore {
  constructor(@InjectRedis('cache') private readonly redis: RedisClient) {}

  async save(window: RankingWindow, ranking: readonly Ranked[]): Promise<void> {
    const members = ranking.flatMap(({ placeId, position }) => [position, placeId]);
    await KEEP_RANKING.run(this.redis, [keyOf(window)], [LIFE_MS, ...members]);
  }

  /**
   * The next of a ranking, from the top or below a position.
   * @returns null when there is no ranking
   */
  async read(window: RankingWindow, below: number | null, most: number): Promise<Ranked[] | null> {
    const key = keyOf(window);
    const max = below === null ? '+inf' : `(${below}`;
    const found = await this.redis.zrevrangebyscore(key, max, '(0', 'WITHSCORES', 'LIMIT', 0, most);
    if (found.length === 0 && (await this.redis.exists(key)) === 0) return null;
    return Array.from({ length: found.length / 2 }, (_, at) => {
      return { placeId: Number(found[2 * at]), position: Number(found[2 * at + 1]) };
    });
  }
}

function keyOf(window: RankingWindow): string {
  return `ranking:{${window}}`;
}
