import { Injectable } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict } from '../cache/index.js';
import {
  CursorCodec, ForbiddenError, changedFields, type AuthUser, type Page, type PageQueryDto, type PageRequest, type Slice,
} from '../common/index.js';
import { DomainEvents } from '../database/index.js';
import { PlacesService } from '../places/index.js';
import { UsersService } from '../users/index.js';
import type { ReviewSort } from './review-sorts.js';
import type { Review } from './review.entity.js';
import { pagesByPlaceId, pagesOfChangedLike, pagesOfReview, reviewPageCache } from './reviews.cache-keys.js';
import { ReviewNotFoundError } from './reviews.errors.js';
import { ReviewLiked, ReviewWritten } from './reviews.events.js';
import { ReviewsRepository, type LikeResult, type ReviewFields } from './reviews.repository.js';

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
    private readonly events: DomainEvents,
  ) {}

  /** @throws ReviewNotFoundError */
  async get(id: number): Promise<Review> {
    return orThrowNotFound(await this.reviews.find(id));
  }

  /** @throws PlaceNotFoundError, InvalidCursorError */
  async list(placeId: number, sort: ReviewSort, request: PageQueryDto): Promise<Page<ReviewWithAuthor>> {
    await this.places.get(placeId);
    return this.cursors.page({ placeId, sort }, request, (page: PageRequest) => this.findPage(placeId, sort, page));
  }

  /** One page of a place's reviews, and the position of the next page. */
  @Cacheable(reviewPageCache)
  async findPage(placeId: number, sort: ReviewSort, page: PageRequest): Promise<Slice<ReviewWithAuthor>> {
    const { items, next } = await this.reviews.findPage(placeId, sort, page);
    return { items: await this.withAuthors(items), next };
  }

  /**
   * Reviews by one author, newest first.
   * @throws InvalidCursorError
   */
  async listByAuthor(authorId: string, request: PageQueryDto): Promise<Page<ReviewWithAuthor>> {
    return this.cursors.page({ authorId }, request, async (page: PageRequest) => {
      const { items, next } = await this.reviews.findPageByAuthor(authorId, page);
      return { items: await this.withAuthors(items), next };
    });
  }

  /** @throws PlaceNotFoundError, ReviewAlreadyExistsError */
  @CacheEvict(pagesByPlaceId)
  @Transactional()
  async create(placeId: number, authorId: string, fields: ReviewFields): Promise<Review> {
    await this.users.lockUntilCommit(authorId);
    const insert = () => this.reviews.insert({ ...fields, placeId, authorId });
    const review = await this.places.withPlaceLocked(placeId, insert);
    await this.events.publish(new ReviewWritten(review.id, placeId, authorId));
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
    const changed = changedFields(review, changes);
    return Object.keys(changed).length === 0 ? review : this.edit(review, changed);
  }

  /** Used by `update`. */
  @CacheEvict(pagesOfReview)
  async edit({ id, placeId }: Review, changes: Partial<ReviewFields>): Promise<Review> {
    const update = () => this.reviews.update(id, changes);
    // A place shows the ratings of its reviews, not their content; only a new rating needs the lock on the place.
    const changesRating = changes.rating !== undefined;
    return orThrowNotFound(await (changesRating ? this.places.withPlaceLocked(placeId, update) : update()));
  }

  /** @throws ReviewNotFoundError, ForbiddenError */
  @Transactional()
  async remove(id: number, user: AuthUser): Promise<void> {
    await this.users.lockUntilCommit(user.userId);
    const review = await this.get(id);
    if (review.authorId !== user.userId && user.role !== 'admin') throw new ForbiddenError();
    await this.delete(review);
  }

  /** Used by `remove`. */
  @CacheEvict(pagesOfReview)
  async delete({ id, placeId }: Review): Promise<void> {
    await this.places.withPlaceLocked(placeId, () => this.reviews.remove(id));
  }

  /** @throws ReviewNotFoundError, UserNotFoundError */
  @CacheEvict(pagesOfChangedLike)
  @Transactional()
  async like(id: number, userId: string): Promise<LikeResult> {
    await this.users.lockUntilCommit(userId);
    const like = orThrowNotFound(await this.reviews.addLike(id, userId));
    if (like.isChanged) await this.events.publish(new ReviewLiked(id, like.placeId, like.authorId, userId));
    return like;
  }

  /** @throws ReviewNotFoundError, UserNotFoundError */
  @CacheEvict(pagesOfChangedLike)
  @Transactional()
  async unlike(id: number, userId: string): Promise<LikeResult> {
    await this.users.lockUntilCommit(userId);
    return orThrowNotFound(await this.reviews.removeLike(id, userId));
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
}

function orThrowNotFound<T>(found: T | null): T {
  if (found === null) throw new ReviewNotFoundError();
  return found;
}
