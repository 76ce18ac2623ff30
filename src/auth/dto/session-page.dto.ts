import type { Page } from '../../common/index.js';
import type { Session } from '../../tokens/index.js';
import { SessionDto } from './session.dto.js';

/** Page of your sessions. */
export class SessionPageDto {
  /** Your device sessions; newest login first. */
  items!: SessionDto[];

  /**
   * `cursor` of the next page; null on the last page.
   * @example 'k3Jx0sQm9cVb2yTnWzIwMjYtMTEtMjBd'
   */
  nextCursor!: string | null;

  static from({ items, nextCursor }: Page<Session>, currentId: string): SessionPageDto {
    const page = { items: items.map((each) => SessionDto.from(each, currentId)), nextCursor };
    return Object.assign(new SessionPageDto(), page);
  }
}
