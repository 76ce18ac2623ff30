import { type PlaceDto } from './place.dto.js';

/** One page of places. */
export class PlacePageDto {
  items!: PlaceDto[];

  /** Send it as `cursor` to get the next page; null on the last page. */
  nextCursor!: string | null;
}
