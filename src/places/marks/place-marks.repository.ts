import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { In } from 'typeorm';
import type { PageRequest, Slice } from '../../common/index.js';
import { findKeysetPage } from '../../database/index.js';
import { PlaceBookmark } from './place-bookmark.entity.js';
import { PlaceLike } from './place-like.entity.js';

const MARKS = { like: PlaceLike, bookmark: PlaceBookmark } as const;

/** Kinds of marks a user can set on a place. */
export type Mark = keyof typeof MARKS;

const COUNT_SINCE = `
  SELECT place_id AS "placeId", count(*)::int AS count
  FROM (
    SELECT place_id FROM place_like WHERE created_at >= $1
    UNION ALL SELECT place_id FROM place_bookmark WHERE created_at >= $1
  ) AS mark
  GROUP BY place_id
`;

/** All queries on likes and bookmarks. */
@Injectable()
export class PlaceMarksRepository {
  constructor(private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /**
   * Adds the mark; does nothing if it exists. The caller must have locked the user (lock order).
   * @returns whether the mark was added; null if the place does not exist
   */
  async add(mark: Mark, placeId: number, userId: string): Promise<boolean | null> {
    return this.withPlaceLocked(placeId, userId, `
      INSERT INTO place_${mark} (place_id, user_id) SELECT id, $2 FROM locked ON CONFLICT DO NOTHING RETURNING 1
    `);
  }

  /**
   * Removes the mark, if it exists. The caller must have locked the user (lock order).
   * @returns whether a mark was removed; null if the place does not exist
   */
  async remove(mark: Mark, placeId: number, userId: string): Promise<boolean | null> {
    return this.withPlaceLocked(placeId, userId, `
      DELETE FROM place_${mark} USING locked WHERE place_id = locked.id AND user_id = $2 RETURNING 1
    `);
  }

  /** Ids of those places that the user has marked. */
  async findMarked(mark: Mark, userId: string, placeIds: readonly number[]): Promise<Set<number>> {
    const marks = await this.repository(mark).findBy({ userId, placeId: In([...placeIds]) });
    return new Set(marks.map(({ placeId }) => placeId));
  }

  /** Ids of the users who have marked the place, ascending, greater than `after`. */
  async findMarkers(mark: Mark, placeId: number, after: string | null, limit: number): Promise<string[]> {
    const query = this.repository(mark).createQueryBuilder('mark').where('mark.placeId = :placeId', { placeId });
    if (after !== null) query.andWhere('mark.userId > :after', { after });
    const marks = await query.orderBy('mark.userId').limit(limit).getMany();
    return marks.map(({ userId }) => userId);
  }

  /** Number of marks by place id that were set at that time or later and still exist. */
  async countSince(time: Date): Promise<Map<number, number>> {
    const rows = await this.txHost.tx.query<{ placeId: number; count: number }[]>(COUNT_SINCE, [time]);
    return new Map(rows.map(({ placeId, count }) => [placeId, count]));
  }

  /** One page of the user's marks, newest first. */
  async findPage(mark: Mark, userId: string, page: PageRequest): Promise<Slice<PlaceLike | PlaceBookmark>> {
    const query = this.repository(mark).createQueryBuilder('mark').where('mark.userId = :userId', { userId });
    return findKeysetPage(query, ['createdAt', 'placeId'], page);
  }

  private async withPlaceLocked(placeId: number, userId: string, change: string): Promise<boolean | null> {
    const sql = `
      WITH locked AS (SELECT id FROM place WHERE id = $1 FOR NO KEY UPDATE), change AS (${change})
      SELECT EXISTS (SELECT FROM change) AS changed FROM locked
    `;
    const [found] = await this.txHost.tx.query<{ changed: boolean }[]>(sql, [placeId, userId]);
    return found?.changed ?? null;
  }

  private repository(mark: Mark) {
    return this.txHost.tx.getRepository<PlaceLike | PlaceBookmark>(MARKS[mark]);
  }
}
