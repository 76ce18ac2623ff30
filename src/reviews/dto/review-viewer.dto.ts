/** Relation of the caller to a review. */
export class ReviewViewerDto {
  /** Whether you like the review. */
  liked!: boolean;
}
