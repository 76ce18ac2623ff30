/** Relation of the caller to a place. */
export class PlaceViewerDto {
  /** Whether you like the place. */
  liked!: boolean;

  /** Whether you have bookmarked the place. */
  bookmarked!: boolean;
}
