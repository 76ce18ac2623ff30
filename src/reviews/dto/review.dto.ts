import { ApiProperty } from '@nestjs/swagger';
import { MAX_ID } from '../../common/index.js';
import type { ReviewWithAuthor } from '../reviews.service.js';
import { type ReviewAuthorDto } from './review-author.dto.js';
import { type ReviewViewerDto } from './review-viewer.dto.js';

/** What somebody says of a place. */
export class ReviewDto {
  /**
   * Id of the review.
   * @example 1
   */
  @ApiProperty({ maximum: MAX_ID })
  id!: number;

  /**
   * The place it is about.
   * @example 1
   */
  @ApiProperty({ maximum: MAX_ID })
  placeId!: number;

  /** null when the author has left. */
  author!: ReviewAuthorDto | null;

  /**
   * 1 (poor) to 5 (excellent).
   * @example 5
   */
  @ApiProperty({ minimum: 1, maximum: 5 })
  rating!: number;

  /**
   * What the author says, 1 to 1000 characters.
   * @example '용기만 가져가면 세제를 그램 단위로 살 수 있어요. 직원분도 친절합니다.'
   */
  content!: string;

  /**
   * How many people like it.
   * @example 3
   */
  likeCount!: number;

  /** When it was written. */
  createdAt!: Date;

  /** When it was last edited. */
  updatedAt!: Date;

  /** What it is to you; only for a signed-in caller. */
  viewer?: ReviewViewerDto;

  /** @param liked the reviews the caller likes; undefined for a caller who is not signed in */
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
