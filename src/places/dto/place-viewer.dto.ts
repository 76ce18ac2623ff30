/** What the place is to the caller. */
export class PlaceViewerDto {
  /** Whether you like it. */
  liked!: boolean;

  /** Whether you have bookmarked it. */
  bookmarked!: boolean;
}
