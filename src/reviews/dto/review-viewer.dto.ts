/** What the review is to the caller. */
export class ReviewViewerDto {
  /** Whether you like it. */
  liked!: boolean;
}
