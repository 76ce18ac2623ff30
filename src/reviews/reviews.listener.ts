import { Injectable } from '@nestjs/common';
import { CacheEvict } from '../cache/index.js';
import { OnDomainEvent } from '../database/index.js';
import { PlaceRemoved } from '../places/index.js';
import { UserRenamed, UserWithdrawn } from '../users/index.js';
import { pagesOfReturnedPlaces } from './reviews.cache-keys.js';
import { ReviewsRepository } from './reviews.repository.js';

/** Evicts review pages that changes in other modules affect: the pages of the places whose ids a handler returns. */
@Injectable()
export class ReviewsListener {
  constructor(private readonly reviews: ReviewsRepository) {}

  /** Foreign keys have deleted the reviews of the place. */
  @OnDomainEvent(PlaceRemoved)
  @CacheEvict(pagesOfReturnedPlaces)
  evictRemovedPlace({ placeId }: PlaceRemoved): Promise<readonly number[]> {
    return Promise.resolve([placeId]);
  }

  /** The user's reviews get a new nickname. */
  @OnDomainEvent(UserRenamed)
  @CacheEvict(pagesOfReturnedPlaces)
  async evictReviewedPlaces({ userId }: UserRenamed): Promise<readonly number[]> {
    return this.reviews.findPlacesReviewedBy(userId);
  }

  /** The user's reviews lose their author, and the reviews the user likes lose a like. */
  @OnDomainEvent(UserWithdrawn)
  @CacheEvict(pagesOfReturnedPlaces)
  async evictReviewedAndLikedPlaces({ userId }: UserWithdrawn): Promise<readonly number[]> {
    const reviewed = await this.reviews.findPlacesReviewedBy(userId);
    return [...new Set([...reviewed, ...(await this.reviews.findPlacesOfLikesBy(userId))])];
  }
}
