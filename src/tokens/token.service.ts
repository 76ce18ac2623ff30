import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { ServiceUnavailableError, type AccessClaims } from '../common/index.js';
import type { ScriptCall } from '../redis/index.js';
import { AccessTokens } from './access-tokens.js';
import { createMacKey, RefreshToken } from './refresh-token.js';
import type { Grant } from './session-replies.js';
import { SessionStore } from './session-store.js';
import {
  AccessTokenExpiredError, AccessTokenMissingError, InvalidAccessTokenError, InvalidRefreshTokenError,
} from './tokens.errors.js';

/** Token pair issued at login and at each reissue. */
export interface TokenPair {
  readonly accessToken: string;
  /** Lifetime of the access token, in seconds. */
  readonly expiresInS: number;
  readonly refreshToken: string;
  /** Seconds until the refresh token expires unless used before. */
  readonly refreshExpiresInS: number;
}

/** Tokens sent with a logout. */
export interface LogOut {
  readonly accessToken?: string | undefined;
  readonly refreshToken?: string | undefined;
  /** Whether to end both sessions when the tokens belong to two sessions of the same user. */
  readonly endsBoth?: boolean;
}

/**
 * Issues token pairs, rotates refresh tokens, and blacklists access tokens at logout.
 *
 * Every method requires the durable Redis and rejects when it is unavailable (503): a token is never assumed not to be
 * revoked. Revocations take effect immediately on every instance; a failover loses those not yet replicated.
 */
@Injectable()
export class TokenService {
  private readonly logger = new Logger('Tokens');

  constructor(
    private readonly access: AccessTokens,
    private readonly sessions: SessionStore,
  ) {}

  /**
   * Opens a session and issues its first token pair. The caller must have authenticated the user.
   * @param device name of the device, as sent by the client
   */
  async open(userId: string, device = ''): Promise<TokenPair> {
    const macKey = createMacKey();
    const refresh = RefreshToken.create(userId, randomUUID(), macKey);
    return this.pair(refresh, await this.sessions.open(refresh, macKey, device));
  }

  /**
   * Rotates a refresh token: exchanges it for a new pair. Within `REFRESH_REUSE_WINDOW` after a rotation, the previous
   * token returns the same successor again, and the current one is returned unchanged with a new access token. Any
   * other reuse of a rotated token ends the session and is recorded as an incident (reuse detection).
   *
   * @param text as sent by the client
   * @param admit check of the user, called before the token is consumed; if it rejects, nothing is consumed
   * @throws InvalidRefreshTokenError; ServiceUnavailableError when the rotation missed its deadline
   */
  async rotate(text: string | undefined, admit: (userId: string) => Promise<unknown>): Promise<TokenPair> {
    const presented = RefreshToken.parse(text ?? '');
    const inspection = presented && (await this.sessions.inspect(presented));
    if (!presented || !inspection) throw new InvalidRefreshTokenError(true);
    if (inspection.recent) await admit(presented.userId);
    const successor = RefreshToken.create(presented.userId, presented.sessionId, inspection.macKey);
    const rotation = await this.sessions.rotate(presented, successor, inspection);
    switch (rotation.outcome) {
      case 'rotated':
        return this.pair(successor, rotation.grant);
      case 'repeated':
        return this.pair(presented.unseal(rotation.sealedSuccessor), rotation.grant);
      case 'unchanged':
        return this.pair(presented, rotation.grant);
      case 'deadline-exceeded':
        throw new ServiceUnavailableError();
      case 'reused':
        this.logTokenReuse(presented);
        throw new InvalidRefreshTokenError(true);
      case 'unknown':
      case 'not-found':
        throw new InvalidRefreshTokenError(rotation.outcome === 'not-found');
    }
  }

  /**
   * Checks, in one round trip, that a token whose signature has been verified has neither expired nor been revoked.
   * @param next script to run in the same atomic step if the token is valid; its keys must be in the hash slot of the
   * user, `{userId}`
   * @returns the reply of `next`
   * @throws AccessTokenExpiredError, InvalidAccessTokenError; `next` has not run in that case
   */
  async check(claims: AccessClaims, next?: ScriptCall): Promise<unknown> {
    const [verdict, reply] = await this.sessions.verify(claims, next);
    if (verdict === 'expired') throw new AccessTokenExpiredError();
    if (verdict === 'revoked') throw new InvalidAccessTokenError();
    return reply;
  }

  /**
   * Ends the session of the access token and blacklists the token until it expires. Without a validly signed access
   * token, ends the session of the refresh token. Neither token has to be current: an expired access token and a used
   * refresh token still identify their session. Idempotent for a session that has already ended.
   *
   * @param tokens as sent by the client. With a validly signed access token the refresh token is ignored unless
   * `endsBoth`; its session then ends too if it belongs to the same user
   * @returns whether the session of the refresh token has ended; false also when that token was ignored
   * @throws AccessTokenMissingError, InvalidAccessTokenError, InvalidRefreshTokenError when no token is one of ours
   */
  async logOut({ accessToken, refreshToken, endsBoth = false }: LogOut): Promise<boolean> {
    const claims = accessToken === undefined ? null : this.access.find(accessToken);
    const refresh = RefreshToken.parse(refreshToken ?? '');
    if (claims !== null) {
      await this.sessions.end(claims.userId, claims.sessionId, claims);
      return endsBoth && this.endBeside(claims, refresh);
    }
    if (refresh === null) {
      if (refreshToken !== undefined) throw new InvalidRefreshTokenError(true);
      throw accessToken === undefined ? new AccessTokenMissingError() : new InvalidAccessTokenError();
    }
    if (!(await this.endSessionOf(refresh))) throw new InvalidRefreshTokenError();
    return true;
  }

  /** Ends the session of a refresh token sent with an access token, unless it belongs to another user. */
  private async endBeside({ userId, sessionId }: AccessClaims, refresh: RefreshToken | null): Promise<boolean> {
    if (refresh === null) return true;
    if (refresh.userId !== userId) return false;
    return refresh.sessionId === sessionId || this.endSessionOf(refresh);
  }

  /** @returns whether the session has ended; false when it did not issue this token */
  private async endSessionOf(refresh: RefreshToken): Promise<boolean> {
    const inspection = await this.sessions.inspect(refresh);
    if (inspection === null) return true;
    if (!refresh.verifyMac(inspection.macKey)) return false;
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
