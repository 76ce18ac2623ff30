import { ApiProperty } from '@nestjs/swagger';
import { MAX_ID } from '../../common/index.js';
import type { ReviewWithAuthor } from '../reviews.service.js';
import { type ReviewAuthorDto } from './review-author.dto.js';
import { type ReviewViewerDto } from './review-viewer.dto.js';

/** Review of a place. */
export class ReviewDto {
  /**
   * Id of the review.
   * @example 1
   */
  @ApiProperty({ maximum: MAX_ID })
  id!: number;

  /**
   * Id of the reviewed place.
   * @example 1
   */
  @ApiProperty({ maximum: MAX_ID })
  placeId!: number;

  /** Author of the review; null if the account has been closed. */
  author!: ReviewAuthorDto | null;

  /**
   * Rating, 1 (poor) to 5 (excellent).
   * @example 5
   */
  @ApiProperty({ minimum: 1, maximum: 5 })
  rating!: number;

  /**
   * Text of the review.
   * @example '용기만 가져가면 세제를 그램 단위로 살 수 있어요. 직원분도 친절합니다.'
   */
  content!: string;

  /**
   * Number of likes.
   * @example 3
   */
  likeCount!: number;

  /** Time of creation. */
  createdAt!: Date;

  /** Time of the last edit. */
  updatedAt!: Date;

  /** Your relation to the review; only with an access token. */
  viewer?: ReviewViewerDto;

  /** @param liked ids of the reviews that the caller likes; undefined for an anonymous caller */
  static from({ review, nickname }: ReviewWithAuthor, liked?: ReadonlySet<number>): ReviewDto {
    const { id, placeId, authorId, rating, content, likeCount, createdAt, updatedAt } = review;
    const author = authorId === null || nickname === null ? null : { id: authorId, nickname };
    return Object.assign(
      new ReviewDto(),
      { id, placeId, author, rating, content, likeCount, createdAt, updatedAt },
      liked && { viewer: { liked: liked.has(id) } },
    );
  }
}
