import { type PlaceDto } from './place.dto.js';

/** One page of places. */
export class PlacePageDto {
  /** At most `limit` places. */
  items!: PlaceDto[];

  /**
   * Send it as `cursor` to get the next page; null on the last page.
   * @example 'k3Jx0sQm9cVb2yTnWzIwMjYtMTEtMjBd'
   */
  nextCursor!: string | null;
}
