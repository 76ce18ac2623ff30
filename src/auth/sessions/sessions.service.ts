import { Injectable } from '@nestjs/common';
import { CursorCodec, type AuthUser, type Page } from '../../common/index.js';
import { SessionStore, type Session } from '../../tokens/index.js';
import { SessionNotFoundError } from '../auth.errors.js';

/** Lists and ends the sessions of a user. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionStore,
    private readonly cursors: CursorCodec,
  ) {}

  /** Keyset pagination over the live sessions, newest login first. @throws InvalidCursorError */
  async list({ userId }: AuthUser, limit: number, cursor?: string): Promise<Page<Session>> {
    const query = { sessionsOf: userId };
    const [lastCreatedAtMs, lastId] = cursor === undefined ? [Infinity, ''] : this.cursors.decode(query, cursor, 2);
    const sessions = (await this.sessions.list(userId)).sort(newestFirst);
    const left = sessions.filter(({ createdAtMs, id: sessionId }) =>
      createdAtMs === lastCreatedAtMs ? sessionId < String(lastId) : createdAtMs < Number(lastCreatedAtMs),
    );
    const items = left.slice(0, limit);
    const last = items.at(-1);
    const isLastPage = last === undefined || items.length === left.length;
    return { items, nextCursor: isLastPage ? null : this.cursors.encode(query, [last.createdAtMs, last.id]) };
  }

  /** @throws SessionNotFoundError when the caller has no such session */
  async end({ userId }: AuthUser, sessionId: string): Promise<void> {
    if (!(await this.sessions.end(userId, sessionId))) throw new SessionNotFoundError();
  }

  /** Ends all sessions of the caller except the current one. */
  async endOthers({ userId, sessionId }: AuthUser): Promise<void> {
    await this.sessions.endOthers(userId, sessionId);
  }
}

function newestFirst(one: Session, other: Session): number {
  return other.createdAtMs - one.createdAtMs || (other.id < one.id ? -1 : 1);
}
