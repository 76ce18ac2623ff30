import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { In, QueryFailedError } from 'typeorm';
import { findKeysetPage, type KeysetPage, type PageRequest } from '../../database/index.js';
import { UserNotFoundError } from '../../users/index.js';
import { PlaceBookmark } from './place-bookmark.entity.js';
import { PlaceLike } from './place-like.entity.js';

const MARKS = { like: PlaceLike, bookmark: PlaceBookmark } as const;

/** What a user can put on a place. */
export type Mark = keyof typeof MARKS;

/** Every query on likes and bookmarks. */
@Injectable()
export class PlaceMarksRepository {
  constructor(private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  /**
   * Puts the mark on the place, or leaves it there. The place is locked first, as everywhere: what comes after it is
   * locked in the same order by everybody.
   * @returns whether there is such a place
   */
  async add(mark: Mark, placeId: number, userId: string): Promise<boolean> {
    return this.withPlaceLocked(placeId, userId, `
      INSERT INTO place_${mark} (place_id, user_id) SELECT id, $2 FROM locked ON CONFLICT DO NOTHING
    `);
  }

  /**
   * Takes the mark away, if there is one.
   * @returns whether there is such a place
   */
  async remove(mark: Mark, placeId: number, userId: string): Promise<boolean> {
    return this.withPlaceLocked(placeId, userId, `
      DELETE FROM place_${mark} USING locked WHERE place_id = locked.id AND user_id = $2
    `);
  }

  /** Which of the places the user has marked. */
  async findMarked(mark: Mark, userId: string, placeIds: readonly number[]): Promise<Set<number>> {
    const marks = await this.repository(mark).findBy({ userId, placeId: In([...placeIds]) });
    return new Set(marks.map(({ placeId }) => placeId));
  }

  /** The user's marks, newest first. */
  async findPage(mark: Mark, userId: string, page: PageRequest): Promise<KeysetPage<PlaceLike | PlaceBookmark>> {
    const query = this.repository(mark).createQueryBuilder('mark').where('mark.userId = :userId', { userId });
    return findKeysetPage(query, ['createdAt', 'placeId'], page);
  }

  private async withPlaceLocked(placeId: number, userId: string, change: string): Promise<boolean> {
    const sql = `
      WITH locked AS (SELECT id FROM place WHERE id = $1 FOR NO KEY UPDATE), change AS (${change})
      SELECT id FROM locked
    `;
    const found = await this.txHost.tx.query<unknown[]>(sql, [placeId, userId]).catch(explainMissingUser);
    return found.length > 0;
  }

  private repository(mark: Mark) {
    return this.txHost.tx.getRepository<PlaceLike | PlaceBookmark>(MARKS[mark]);
  }
}

function explainMissingUser(error: unknown): never {
  const isForeignKey = error instanceof QueryFailedError && (error.driverError as { code?: string }).code === '23503';
  throw isForeignKey ? new UserNotFoundError() : error;
}
