import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import type { AuthUser } from '../../common/index.js';
import { openChargeOf } from '../../rate-limit/index.js';
import { ACCESS_TOKEN_RULES, AccessTokens, InvalidAccessTokenError, TokenService } from '../../tokens/index.js';
import { UserNotFoundError, UsersService } from '../../users/index.js';

/** No token of ours is longer, and nobody should make us parse one. */
const MAX_TOKEN_LENGTH = 2_048;
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** Turns `Authorization: Bearer <access token>` into the user who calls. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  /** Passport knows strategies by name, for the whole process: an own name keeps two apps in one process apart. */
  override readonly name: string;

  constructor(
    private readonly access: AccessTokens,
    private readonly tokens: TokenService,
    private readonly users: UsersService,
  ) {
    super({
      ...ACCESS_TOKEN_RULES,
      jwtFromRequest: (request: { headers: { authorization?: string } }) => bearerToken(request.headers.authorization),
      secretOrKeyProvider: keyProvider(access),
      passReqToCallback: true,
    });
    this.name = `access-token-${randomUUID()}`;
    passport.use(this.name, this);
  }

  /**
   * The last step, once the signature is verified. The rights come first, for the limit depends on them; the token is
   * then checked and the request counted in one step, so that nobody pays for a token that has been revoked.
   *
   * @throws AccessTokenExpiredError; InvalidAccessTokenError when anything has revoked the token or the user is gone;
   * RateLimitedError
   */
  async validate(request: FastifyRequest, payload: object): Promise<AuthUser> {
    const claims = this.access.claimsOf(payload);
    const { role, tier } = await this.users.getPermissions(claims.userId).catch((error: unknown) => {
      throw error instanceof UserNotFoundError ? new InvalidAccessTokenError(error) : error;
    });
    const { userId, sessionId, jti, issuedAtS, expiresAtS } = claims;
    const charge = openChargeOf(request)?.to(userId, role === 'admin' ? 'admin' : tier);
    const reply = await this.tokens.check(claims, charge?.call);
    charge?.end(reply);
    return { id: userId, role, tier, sessionId, jti, issuedAt: issuedAtS, expiresAt: expiresAtS };
  }
}

function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > MAX_TOKEN_LENGTH) return null;
  return BEARER.exec(header)?.[1] ?? null;
}

function keyProvider(access: AccessTokens): SecretOrKeyProvider {
  return (_request, token: string, done) => {
    try {
      // jsonwebtoken takes a KeyObject, and is quicker with it; the types of passport-jwt are older than that.
      done(null, access.keyOf(token) as unknown as Buffer);
    } catch (error) {
      done(error);
    }
  };
}
