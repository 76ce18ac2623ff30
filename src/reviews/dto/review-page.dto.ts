import { type ReviewDto } from './review.dto.js';

/** Page of reviews. */
export class ReviewPageDto {
  /** Reviews of the page; at most `limit`. */
  items!: ReviewDto[];

  /**
   * `cursor` of the next page; null on the last page.
   * @example 'k3Jx0sQm9cVb2yTnWzIwMjYtMTEtMjBd'
   */
  nextCursor!: string | null;
}
