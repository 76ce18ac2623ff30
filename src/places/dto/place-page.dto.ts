import { type PlaceDto } from './place.dto.js';

/** Page of places. */
export class PlacePageDto {
  /** Places of the page; at most `limit`. */
  items!: PlaceDto[];

  /**
   * `cursor` of the next page; null on the last page.
   * @example 'k3Jx0sQm9cVb2yTnWzIwMjYtMTEtMjBd'
   */
  nextCursor!: string | null;
}
