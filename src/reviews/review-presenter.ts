import { Injectable } from '@nestjs/common';
import type { AuthUser, Page } from '../common/index.js';
import { ReviewPageDto } from './dto/review-page.dto.js';
import { ReviewDto } from './dto/review.dto.js';
import type { Review } from './review.entity.js';
import { ReviewsService, type ReviewWithAuthor } from './reviews.service.js';

/**
 * Builds the responses for reviews. The caller's likes are added here, after the cache, so that data of one caller is
 * never cached.
 */
@Injectable()
export class ReviewPresenter {
  constructor(private readonly reviews: ReviewsService) {}

  async one(review: Review, caller: AuthUser | undefined): Promise<ReviewDto> {
    const [[found], liked] = await Promise.all([
      this.reviews.withAuthors([review]),
      this.findLiked([review], caller),
    ]);
    return ReviewDto.from({ review, nickname: found?.nickname ?? null }, liked);
  }

  async page({ items, nextCursor }: Page<ReviewWithAuthor>, caller: AuthUser | undefined): Promise<ReviewPageDto> {
    const liked = await this.findLiked(items.map(({ review }) => review), caller);
    return { items: items.map((item) => ReviewDto.from(item, liked)), nextCursor };
  }

  private async findLiked(reviews: readonly Review[], caller: AuthUser | undefined) {
    if (caller === undefined || reviews.length === 0) return undefined;
    return this.reviews.findLiked(caller.userId, reviews.map(({ id }) => id));
  }
}
