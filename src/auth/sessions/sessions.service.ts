import { Injectable } from '@nestjs/common';
import { CursorCodec, type AuthUser, type Page, type PageQueryDto, type PageRequest, type Slice } from '../../common/index.js';
import { SessionStore, type Session } from '../../tokens/index.js';
import { SessionNotFoundError } from '../auth.errors.js';

type SessionPosition = readonly [createdAtMs: number, id: string];

/** Lists and ends the sessions of a user. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionStore,
    private readonly cursors: CursorCodec,
  ) {}

  /** Keyset pagination over the live sessions, newest login first. @throws InvalidCursorError */
  async list({ userId }: AuthUser, request: PageQueryDto): Promise<Page<Session>> {
    const find = (page: PageRequest<SessionPosition>) => this.findPage(userId, page);
    return this.cursors.page({ sessionsOf: userId }, request, find);
  }

  /** @throws SessionNotFoundError when the caller has no such session */
  async end({ userId }: AuthUser, sessionId: string): Promise<void> {
    if (!(await this.sessions.end(userId, sessionId))) throw new SessionNotFoundError();
  }

  /** Ends all sessions of the caller except the current one. */
  async endOthers({ userId, sessionId }: AuthUser): Promise<void> {
    await this.sessions.endOthers(userId, sessionId);
  }

  private async findPage(
    userId: string,
    { after, limit }: PageRequest<SessionPosition>,
  ): Promise<Slice<Session, SessionPosition>> {
    const sessions = (await this.sessions.list(userId)).sort(newestFirst);
    const remaining = after === null ? sessions : sessions.filter((session) => isAfter(session, after));
    const items = remaining.slice(0, limit);
    const last = items.at(-1);
    const isLastPage = last === undefined || items.length === remaining.length;
    return { items, next: isLastPage ? null : [last.createdAtMs, last.id] };
  }
}

function newestFirst(one: Session, other: Session): number {
  return other.createdAtMs - one.createdAtMs || (other.id < one.id ? -1 : 1);
}

function isAfter({ createdAtMs, id }: Session, [lastCreatedAtMs, lastId]: SessionPosition): boolean {
  return createdAtMs === lastCreatedAtMs ? id < lastId : createdAtMs < lastCreatedAtMs;
}
