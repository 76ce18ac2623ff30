import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { AccessClaims } from '../common/index.js';
import { Env } from '../config/index.js';
import { ALGORITHM, JwtKeys, TYPE } from './jwt-keys.js';
import { isUuid } from './session-keys.js';
import { InvalidAccessTokenError } from './tokens.errors.js';

/** Maximum length of the header; our tokens are shorter, and longer ones are not parsed. */
const MAX_HEADER_LENGTH = 2_048;
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The bearer token of an `Authorization` header, unverified; null when missing or malformed. */
export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return null;
  return BEARER.exec(header)?.[1] ?? null;
}

/** The expiration is checked by `TokenService.check`, by the clock that also sets issue times: that of Redis. */
const RULES = {
  algorithms: [ALGORITHM] as ['HS256'],
  issuer: 'ecogreen-seoul',
  audience: 'ecogreen-seoul-api',
  ignoreExpiration: true,
};

/** Signs and verifies access tokens (JWT, RFC 8725 and RFC 9068); does not access sessions. */
@Injectable()
export class AccessTokens {
  /** Lifetime of a token in seconds. */
  readonly ttlS: number;

  constructor(
    private readonly jwt: JwtService,
    private readonly keys: JwtKeys,
    env: Env,
  ) {
    this.ttlS = Math.floor(env.accessTokenTtlMs / 1_000);
  }

  /** @param issuedAtS issue time by the session store's clock, in seconds since 1970 */
  sign(userId: string, sessionId: string, issuedAtS: number): string {
    const claims = { sub: userId, sid: sessionId, jti: randomUUID(), iat: issuedAtS, exp: issuedAtS + this.ttlS };
    return this.jwt.sign(claims, {
      algorithm: ALGORITHM,
      header: { alg: ALGORITHM, typ: TYPE },
      keyid: this.keys.signing.id,
      issuer: RULES.issuer,
      audience: RULES.audience,
    });
  }

  /**
   * Verifies signature, type and claims, but not the expiration.
   * @throws InvalidAccessTokenError
   */
  verify(token: string): AccessClaims {
    try {
      return claimsOf(this.jwt.verify<object>(token, RULES));
    } catch (error) {
      throw error instanceof InvalidAccessTokenError ? error : new InvalidAccessTokenError(error);
    }
  }

  /** Like `verify`, but returns null for a missing or invalid token. */
  find(token: string | null): AccessClaims | null {
    try {
      return token === null ? null : this.verify(token);
    } catch {
      return null;
    }
  }
}

function claimsOf(payload: object): AccessClaims {
  const { sub, sid, jti, iat, exp } = payload as Record<string, unknown>;
  if (!isUuid(sub) || !isUuid(sid) || !isUuid(jti)) throw new InvalidAccessTokenError();
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) throw new InvalidAccessTokenError();
  return { userId: sub, sessionId: sid, jti, issuedAtS: Number(iat), expiresAtS: Number(exp) };
}
