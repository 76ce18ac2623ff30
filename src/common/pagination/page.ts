/** Keyset position: sort values of the last item of a page, most significant first, its id last. */
export type Position = readonly (string | number)[];

/** Position and size of a page. */
export interface PageRequest<P extends Position = Position> {
  /** Position of the last item of the previous page; null for the first page. */
  readonly after: P | null;
  readonly limit: number;
}

/** The items of one page, and the position of the last one; null on the last page. */
export interface Slice<T, P extends Position = Position> {
  readonly items: readonly T[];
  readonly next: P | null;
}

/** One page of a list, and the cursor of the next page. */
export interface Page<T> {
  readonly items: T[];
  /** Opaque; null on the last page. */
  readonly nextCursor: string | null;
}
