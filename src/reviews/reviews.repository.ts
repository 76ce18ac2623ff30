import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import { In, type Repository } from 'typeorm';
import type { PageRequest, Slice } from '../common/index.js';
import { findKeysetPage, translateViolations } from '../database/index.js';
import { UserNotFoundError } from '../users/index.js';
import { ReviewLike } from './review-like.entity.js';
import { SORT_KEYS, type ReviewSort } from './review-sorts.js';
import { Review } from './review.entity.js';
import { ReviewAlreadyExistsError } from './reviews.errors.js';

/** Fields of a review that its author edits. */
export type ReviewFields = Pick<Review, 'rating' | 'content'>;

/** Result of liking or unliking a review. */
export interface LikeResult {
  readonly placeId: number;
  readonly authorId: string | null;
  /** Whether the like was added or removed. */
  readonly isChanged: boolean;
}

const PLACES_OF_LIKES = `
  SELECT DISTINCT place_id AS id FROM review_like JOIN review ON review.id = review_id WHERE user_id = $1
`;

const COUNT_SINCE = `
  SELECT place_id AS "placeId", count(*)::int AS count FROM review WHERE created_at >= $1 GROUP BY place_id
`;

const translateDatabaseError = translateViolations({
  review_place_id_author_id_key: ReviewAlreadyExistsError,
  review_author_id_fkey: UserNotFoundError,
});

/** All queries on reviews and their likes. */
@Injectable()
export class ReviewsRepository {
  constructor(private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  async find(id: number): Promise<Review | null> {
    return this.repository.findOneBy({ id });
  }

  /** @throws ReviewAlreadyExistsError */
  async insert(review: ReviewFields & { placeId: number; authorId: string }): Promise<Review> {
    const { identifiers } = await this.repository.insert(review).catch(translateDatabaseError);
    return this.repository.findOneByOrFail({ id: identifiers[0]?.['id'] as number });
  }

  /** @returns null if the review no longer exists */
  async update(id: number, changes: Partial<ReviewFields>): Promise<Review | null> {
    await this.repository.update({ id }, changes).catch(translateDatabaseError);
    return this.find(id);
  }

  async remove(id: number): Promise<void> {
    await this.repository.delete({ id });
  }

  async findPage(placeId: number, sort: ReviewSort, page: PageRequest): Promise<Slice<Review>> {
    const query = this.repository.createQueryBuilder('review').where('review.placeId = :placeId', { placeId });
    return findKeysetPage(query, [SORT_KEYS[sort], 'id'], page);
  }

  /** One page of an author's reviews, newest first. */
  async findPageByAuthor(authorId: string, page: PageRequest): Promise<Slice<Review>> {
    const query = this.repository.createQueryBuilder('review').where('review.authorId = :authorId', { authorId });
    return findKeysetPage(query, ['createdAt', 'id'], page);
  }

  /**
   * Adds the like; does nothing if it exists. The caller must have locked the user (lock order).
   * @returns null if the review does not exist
   */
  async addLike(id: number, userId: string): Promise<LikeResult | null> {
    return this.withReviewLocked(id, userId, `
      INSERT INTO review_like (review_id, user_id) SELECT id, $2 FROM locked ON CONFLICT DO NOTHING RETURNING 1
    `);
  }

  /**
   * Removes the like, if it exists. The caller must have locked the user (lock order).
   * @returns null if the review does not exist
   */
  async removeLike(id: number, userId: string): Promise<LikeResult | null> {
    return this.withReviewLocked(id, userId, `
      DELETE FROM review_like USING locked WHERE review_id = locked.id AND user_id = $2 RETURNING 1
    `);
  }

  /** Number of reviews by place id that were written at that time or later and still exist. */
  async countSince(time: Date): Promise<Map<number, number>> {
    const rows = await this.txHost.tx.query<{ placeId: number; count: number }[]>(COUNT_SINCE, [time]);
    return new Map(rows.map(({ placeId, count }) => [placeId, count]));
  }

  /** Ids of the places a user has reviewed, without duplicates. */
  async findPlacesReviewedBy(authorId: string): Promise<number[]> {
    const reviews = await this.repository.find({ select: { placeId: true }, where: { authorId } });
    return reviews.map(({ placeId }) => placeId);
  }

  /** Ids of the places with a review that the user likes, without duplicates. */
  async findPlacesOfLikesBy(userId: string): Promise<number[]> {
    const rows = await this.txHost.tx.query<{ id: number }[]>(PLACES_OF_LIKES, [userId]);
    return rows.map(({ id }) => id);
  }

  /** Ids of those reviews that the user likes. */
  async findLiked(userId: string, ids: readonly number[]): Promise<Set<number>> {
    const likes = await this.txHost.tx.getRepository(ReviewLike).findBy({ userId, reviewId: In([...ids]) });
    return new Set(likes.map(({ reviewId }) => reviewId));
  }

  private async withReviewLocked(id: number, userId: string, change: string): Promise<LikeResult | null> {
    const sql = `
      WITH locked AS (SELECT id, place_id, author_id FROM review WHERE id = $1 FOR NO KEY UPDATE), change AS (${change})
      SELECT place_id AS "placeId", author_id AS "authorId", EXISTS (SELECT FROM change) AS "isChanged" FROM locked
    `;
    const [found] = await this.txHost.tx.query<LikeResult[]>(sql, [id, userId]);
    return found ?? null;
  }

  private get repository(): Repository<Review> {
    return this.txHost.tx.getRepository(Review);
  }
}
