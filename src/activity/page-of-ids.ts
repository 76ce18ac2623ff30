/** Ids of one page of places, and the position of its last when there are more. */
export interface PageOfIds {
  readonly ids: readonly number[];
  readonly next: readonly [number] | null;
}
