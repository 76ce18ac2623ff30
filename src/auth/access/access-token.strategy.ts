import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import type { AuthUser } from '../../common/index.js';
import { pendingLimitOf } from '../../rate-limit/index.js';
import { ACCESS_TOKEN_RULES, AccessTokens, bearerToken } from '../../tokens/index.js';
import { AccessTokenVerifier } from './access-token-verifier.js';

/** Passport strategy that authenticates the caller by `Authorization: Bearer <access token>`. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  /** Unique per instance: Passport registers strategies by name per process, which may run two apps. */
  override readonly name: string;

  constructor(
    private readonly access: AccessTokens,
    private readonly check: AccessTokenVerifier,
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
   * Called by Passport after it has verified the signature.
   * @throws AccessTokenExpiredError, RateLimitedError; InvalidAccessTokenError when the token is revoked or the user
   * does not exist
   */
  validate(request: FastifyRequest, payload: object): Promise<AuthUser> {
    return this.check.authorize(this.access.claimsOf(payload), pendingLimitOf(request));
  }
}

function keyProvider(access: AccessTokens): SecretOrKeyProvider {
  return (_request, token: string, done) => {
    try {
      // jsonwebtoken accepts a KeyObject and is faster with it; the types of passport-jwt predate that.
      done(null, access.keyOf(token) as unknown as Buffer);
    } catch (error) {
      done(error);
    }
  };
}
