import { Injectable } from '@nestjs/common';
import { EventEmitter2, OnEvent } from '@nestjs/event-emitter';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict } from '../cache/index.js';
import {
  CursorCodec, ForbiddenError, realChanges, type AuthUser, type Page, type PageQueryDto,
} from '../common/index.js';
import type { PageRequest } from '../database/index.js';
import { PlaceRemoved, PlacesService } from '../places/index.js';
import { UserRenamed, UsersService, UserWithdrawn } from '../users/index.js';
import type { ReviewSort } from './review-sorts.js';
import type { Review } from './review.entity.js';
import { reviewPageCache, pagesByPlaceId, pagesByPlaceIds } from './reviews.cache-keys.js';
import { ReviewNotFoundError } from './reviews.errors.js';
import { ReviewLiked, ReviewWritten } from './reviews.events.js';
import { ReviewsRepository, type ReviewFields } from './reviews.repository.js';

/** A review with the current nickname of its author; null once the author's account is deleted. */
export interface ReviewWithAuthor {
  readonly review: Review;
  readonly nickname: string | null;
}

/** Operations on reviews, with their permission checks. */
@Injectable()
export class ReviewsService {
  constructor(
    private readonly reviews: ReviewsRepository,
    private readonly places: PlacesService,
    private readonly users: UsersService,
    private readonly cursors: CursorCodec,
    private readonly events: EventEmitter2,
  ) {}

  /** @throws ReviewNotFoundError */
  async get(id: number): Promise<Review> {
    return orThrowNotFound(await this.reviews.find(id));
  }

  /** @throws PlaceNotFoundError, InvalidCursorError */
  async list(placeId: number, sort: ReviewSort, { cursor, limit }: PageQueryDto): Promise<Page<ReviewWithAuthor>> {
    await this.places.get(placeId);
    const query = { placeId, sort };
    const after = cursor === undefined ? null : this.cursors.decode(query, cursor, 2);
    const { items, next } = await this.findPage(placeId, sort, { after, limit });
    return { items, nextCursor: next && this.cursors.encode(query, next) };
  }

  /** One page of a place's reviews, and the position of the next page. */
  @Cacheable(reviewPageCache)
  async findPage(placeId: number, sort: ReviewSort, page: PageRequest): Promise<PageOfReviews> {
    const { rows, next } = await this.reviews.findPage(placeId, sort, page);
    return { items: await this.withAuthors(rows), next };
  }

  /**
   * Reviews by one author, newest first.
   * @throws InvalidCursorError
   */
  async listByAuthor(authorId: string, { cursor, limit }: PageQueryDto): Promise<Page<ReviewWithAuthor>> {
    const query = { authorId };
    const after = cursor === undefined ? null : this.cursors.decode(query, cursor, 2);
    const { rows, next } = await this.reviews.findPageByAuthor(authorId, { after, limit });
    return { items: await this.withAuthors(rows), nextCursor: next && this.cursors.encode(query, next) };
  }

  /** @throws PlaceNotFoundError, ReviewAlreadyExistsError */
  @CacheEvict(pagesByPlaceId)
  @Transactional()
  async create(placeId: number, authorId: string, fields: ReviewFields): Promise<Review> {
    await this.users.lockUntilCommit(authorId);
    const insert = () => this.reviews.insert({ ...fields, placeId, authorId });
    const review = await this.places.withPlaceLocked(placeId, insert);
    await this.events.emitAsync(ReviewWritten.event, new ReviewWritten(review.id, placeId, authorId));
    return review;
  }

  /**
   * If no value differs from the stored one, nothing is written or evicted.
   * @throws ReviewNotFoundError, ForbiddenError
   */
  @Transactional()
  async update(id: number, user: AuthUser, changes: Partial<ReviewFields>): Promise<Review> {
    await this.users.lockUntilCommit(user.userId);
    const review = await this.get(id);
    if (review.authorId !== user.userId) throw new ForbiddenError();
    const real = realChanges(review, changes);
    if (Object.keys(real).length === 0) return review;
    const update = () => this.reviews.update(id, real);
    await this.forgetPages([review.placeId]);
    // A place shows the ratings of its reviews, not their content; only a new rating needs the lock on the place.
    const isRated = real.rating !== undefined;
    return orThrowNotFound(await (isRated ? this.places.withPlaceLocked(review.placeId, update) : update()));
  }

  /** @throws ReviewNotFoundError, ForbiddenError */
  @Transactional()
  async remove(id: number, user: AuthUser): Promise<void> {
    await this.users.lockUntilCommit(user.userId);
    const review = await this.get(id);
    if (review.authorId !== user.userId && user.role !== 'admin') throw new ForbiddenError();
    await this.places.withPlaceLocked(review.placeId, () => this.reviews.remove(id));
    await this.forgetPages([review.placeId]);
  }

  /** @throws ReviewNotFoundError */
  @Transactional()
  async like(id: number, userId: string): Promise<void> {
    const { placeId, authorId, isNew } = orThrowNotFound(await this.reviews.addLike(id, userId));
    if (!isNew) return;
    await this.forgetPages([placeId]);
    await this.events.emitAsync(ReviewLiked.event, new ReviewLiked(id, placeId, authorId, userId));
  }

  /** @throws ReviewNotFoundError */
  @Transactional()
  async unlike(id: number, userId: string): Promise<void> {
    const { placeId, isNew } = orThrowNotFound(await this.reviews.removeLike(id, userId));
    if (isNew) await this.forgetPages([placeId]);
  }

  /** Adds the current nicknames of the authors to the reviews. */
  async withAuthors(reviews: readonly Review[]): Promise<ReviewWithAuthor[]> {
    const authorIds = new Set(reviews.map(({ authorId }) => authorId).filter((id) => id !== null));
    const nicknames = await this.users.findNicknames([...authorIds]);
    return reviews.map((review) => ({ review, nickname: nicknames.get(review.authorId ?? '') ?? null }));
  }

  /** Number of reviews by place id that were written at that time or later and still exist. */
  async countSince(time: Date): Promise<ReadonlyMap<number, number>> {
    return this.reviews.countSince(time);
  }

  /** Ids of those reviews that the user likes; never cached. */
  async findLiked(userId: string, ids: readonly number[]): Promise<ReadonlySet<number>> {
    return this.reviews.findLiked(userId, ids);
  }

  /** Evicts the review pages of a deleted place; foreign keys have deleted its reviews. */
  @OnEvent(PlaceRemoved.event, { suppressErrors: false })
  async evictOnPlaceRemoved({ placeId }: PlaceRemoved): Promise<void> {
    await this.forgetPages([placeId]);
  }

  /**
   * Evicts the review pages with the user's reviews, which get a new nickname or none; if the user withdraws, also
   * those with reviews the user liked, which lose a like.
   */
  @OnEvent(UserRenamed.event, { suppressErrors: false })
  @OnEvent(UserWithdrawn.event, { suppressErrors: false })
  async evictOnUserRenamed(event: UserRenamed | UserWithdrawn): Promise<void> {
    const { userId } = event;
    const reviewed = await this.reviews.findPlacesReviewedBy(userId);
    const liked = event instanceof UserWithdrawn ? await this.reviews.findPlacesOfLikesBy(userId) : [];
    await this.forgetPages([...new Set([...reviewed, ...liked])]);
  }

  /** Evicts the cached review pages of the places. */
  @CacheEvict(pagesByPlaceIds)
  async forgetPages(_placeIds: readonly number[]): Promise<void> {
    // Empty: the decorator evicts.
  }
}

/** Cached value of a review page. */
export interface PageOfReviews {
  readonly items: ReviewWithAuthor[];
  readonly next: readonly (string | number)[] | null;
}

function orThrowNotFound<T>(found: T | null): T {
  if (found === null) throw new ReviewNotFoundError();
  return found;
}
