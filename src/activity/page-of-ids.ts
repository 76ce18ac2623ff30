/** Place ids of one page; `next` is the position of the last one, null on the last page. */
export interface PageOfIds {
  readonly ids: readonly number[];
  readonly next: readonly [number] | null;
}
