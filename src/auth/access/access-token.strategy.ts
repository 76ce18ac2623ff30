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

/** Turns `Authorization: Bearer <access token>` into the user who calls. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  /** Passport knows strategies by name, for the whole process: an own name keeps two apps in one process apart. */
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
   * The last step, once the signature is verified.
   * @throws AccessTokenExpiredError, RateLimitedError; InvalidAccessTokenError when the token is revoked or the user is
   * gone
   */
  validate(request: FastifyRequest, payload: object): Promise<AuthUser> {
    return this.check.authorize(this.access.claimsOf(payload), pendingLimitOf(request));
  }
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
