import { type ReviewDto } from './review.dto.js';

/** One page of reviews. */
export class ReviewPageDto {
  /** At most `limit` reviews. */
  items!: ReviewDto[];

  /**
   * Send it as `cursor` to get the next page; null on the last page.
   * @example 'k3Jx0sQm9cVb2yTnWzIwMjYtMTEtMjBd'
   */
  nextCursor!: string | null;
}
