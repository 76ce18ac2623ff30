import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ServiceUnavailableError } from '../common/index.js';
import type { ScriptCall } from '../redis/index.js';
import { AccessTokens, type AccessClaims } from './access-tokens.js';
import { createMarkKey, RefreshToken } from './refresh-token.js';
import { isUuid } from './session-keys.js';
import type { Grant, Incident, Session } from './session-replies.js';
import { SessionStore } from './session-store.js';
import {
  AccessTokenExpiredError, AccessTokenMissingError, InvalidAccessTokenError, InvalidRefreshTokenError,
} from './tokens.errors.js';

/** What a client gets at login and at each reissue. */
export interface TokenPair {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresInS: number;
  readonly refreshToken: string;
  /** Seconds until the refresh token expires unless used. */
  readonly refreshExpiresInS: number;
}

/** What a client logs out with. */
export interface LogOut {
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  /** Whether both sessions end when the tokens are of two sessions of one user. */
  readonly endsBoth?: boolean;
}

/**
 * Access tokens, refresh tokens and the sessions they belong to.
 *
 * Every method needs the durable Redis and rejects when it is away (503): nothing is ever "probably not revoked".
 * Revocations act at once on every instance; one that the primary had not yet passed on is lost with it in a failover.
 */
@Injectable()
export class TokenService {
  private readonly logger = new Logger('Tokens');

  constructor(
    private readonly access: AccessTokens,
    private readonly sessions: SessionStore,
  ) {}

  /**
   * Begins a session and gives its first pair. Whoever calls has authenticated the user.
   * @param device what the client calls itself
   */
  async open(userId: string, device = ''): Promise<TokenPair> {
    const macKey = createMarkKey();
    const refresh = RefreshToken.create(userId, randomUUID(), macKey);
    return this.pair(refresh, await this.sessions.open(refresh, macKey, device));
  }

  /**
   * Exchanges a refresh token for a new pair. Within `REFRESH_REUSE_WINDOW` after that the token before the newest gets
   * the same successor again, and the newest is kept: it comes back with a new access token. A spent token that comes
   * later, or is older, ends the session and is recorded as theft.
   *
   * @param text whatever the client sent
   * @param admit last word on the user, asked before anything is consumed; when it rejects, nothing is
   * @throws InvalidRefreshTokenError
   */
  async rotate(text: string | undefined, admit: (userId: string) => Promise<unknown>): Promise<TokenPair> {
    const presented = RefreshToken.parse(text ?? '');
    const inspection = presented && (await this.sessions.inspect(presented));
    if (!presented || !inspection) throw new InvalidRefreshTokenError(true);
    if (inspection.recent) await admit(presented.userId);
    const successor = RefreshToken.create(presented.userId, presented.sessionId, inspection.markKey);
    const rotation = await this.sessions.rotate(presented, successor, inspection);
    switch (rotation.outcome) {
      case 'rotated':
        return this.pair(successor, rotation.grant);
      case 'repeated':
        return this.pair(presented.unseal(rotation.sealedSuccessor), rotation.grant);
      case 'kept':
        return this.pair(presented, rotation.grant);
      case 'late':
        throw new ServiceUnavailableError();
      case 'stolen':
        this.logTokenReuse(presented);
        throw new InvalidRefreshTokenError(true);
      case 'unknown':
      case 'gone':
        throw new InvalidRefreshTokenError(rotation.outcome === 'gone');
    }
  }

  /**
   * Verifies an access token wholly: signature, kind, expiry, and that nothing has revoked it.
   * @throws AccessTokenExpiredError, InvalidAccessTokenError
   */
  async authenticate(accessToken: string): Promise<AccessClaims> {
    const claims = this.access.read(accessToken);
    await this.check(claims);
    return claims;
  }

  /**
   * Checks, in one round trip, that a token whose signature has been verified has neither expired nor been revoked.
   * @param next what to do in the same atomic step when nothing has; its keys are in the slot of the user, `{userId}`
   * @returns the reply of `next`
   * @throws AccessTokenExpiredError, InvalidAccessTokenError; `next` has not run then
   */
  async check(claims: AccessClaims, next?: ScriptCall): Promise<unknown> {
    const [verdict, reply] = await this.sessions.accepts(claims, next);
    if (verdict === 'expired') throw new AccessTokenExpiredError();
    if (verdict === 'revoked') throw new InvalidAccessTokenError();
    return reply;
  }

  /**
   * Ends the session of the access token and blacklists the token until it expires. Without an access token of ours it
   * is the session of the refresh token that ends. Neither has to be in force: a spent token still names its session,
   * an expired access token too, and a session that has ended already stays so.
   *
   * @param tokens whatever the client sent. With an access token of ours the refresh token is not looked at unless
   * `endsBoth`; its session ends as well then if it is one of the same user
   * @returns whether the session of the refresh token has ended; false also when it was not looked at
   * @throws AccessTokenMissingError, InvalidAccessTokenError, InvalidRefreshTokenError when nothing is a token of ours
   */
  async logOut({ accessToken, refreshToken, endsBoth = false }: LogOut): Promise<boolean> {
    const claims = accessToken === undefined ? null : this.access.find(accessToken);
    const refresh = RefreshToken.parse(refreshToken ?? '');
    if (claims !== null) {
      await this.sessions.logOut(claims);
      return endsBoth && this.endBeside(claims, refresh);
    }
    if (refresh === null) {
      if (refreshToken !== undefined) throw new InvalidRefreshTokenError(true);
      throw accessToken === undefined ? new AccessTokenMissingError() : new InvalidAccessTokenError();
    }
    if (!(await this.endSessionOf(refresh))) throw new InvalidRefreshTokenError();
    return true;
  }

  /** Live sessions of a user, newest login first; at most 20. */
  async listSessions(userId: string): Promise<Session[]> {
    return this.sessions.list(userId);
  }

  /** How long ago the login was that began the session, in milliseconds; Infinity when there is no such session. */
  async sessionAgeMs(userId: string, sessionId: string): Promise<number> {
    return this.sessions.ageMs(userId, sessionId);
  }

  /** @returns false when the user has no such session */
  async endSession(userId: string, sessionId: string): Promise<boolean> {
    return isUuid(sessionId) && this.sessions.end(userId, sessionId);
  }

  /** Ends all sessions of a user but one. */
  async endOtherSessions(userId: string, sessionId: string): Promise<void> {
    await this.sessions.endOthers(userId, sessionId);
  }

  /** Ends all sessions of a user; every access token issued until now is void. */
  async endAllSessions(userId: string): Promise<void> {
    await this.sessions.endAll(userId);
  }

  /** Thefts of refresh tokens that ended a session of the user, newest first; at most 50, of the last 90 days. */
  async listIncidents(userId: string): Promise<Incident[]> {
    return this.sessions.listIncidents(userId);
  }

  /** Ends the session of a refresh token that came with the claims of an access token, unless it is another user's. */
  private async endBeside({ userId, sessionId }: AccessClaims, refresh: RefreshToken | null): Promise<boolean> {
    if (refresh === null) return true;
    if (refresh.userId !== userId) return false;
    return refresh.sessionId === sessionId || this.endSessionOf(refresh);
  }

  /** @returns whether it has ended; false when the session never gave out this token */
  private async endSessionOf(refresh: RefreshToken): Promise<boolean> {
    const inspection = await this.sessions.inspect(refresh);
    if (inspection === null) return true;
    if (!refresh.verifyMac(inspection.markKey)) return false;
    await this.sessions.end(refresh.userId, refresh.sessionId);
    return true;
  }

  private pair(refresh: RefreshToken, { issuedAtS, refreshTtlMs }: Grant): TokenPair {
    return {
      accessToken: this.access.sign(refresh.userId, refresh.sessionId, issuedAtS),
      expiresInS: this.access.ttlS,
      refreshToken: refresh.toString(),
      refreshExpiresInS: Math.floor(refreshTtlMs / 1_000),
    };
  }

  private logTokenReuse({ userId, sessionId }: RefreshToken): void {
    this.logger.warn(`security event: refresh-token-reused user=${userId} session=${sessionId}; the session has ended`);
  }
}
