import { type ReviewDto } from './review.dto.js';

/** One page of reviews. */
export class ReviewPageDto {
  items!: ReviewDto[];

  /** Send it as `cursor` to get the next page; null on the last page. */
  nextCursor!: string | null;
}
