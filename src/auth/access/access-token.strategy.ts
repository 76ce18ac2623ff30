import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { pendingTicketOf } from '../../rate-limit/index.js';
import { InvalidAccessTokenError } from '../../tokens/index.js';
import { AccessTokenVerifier } from './access-token-verifier.js';

/** Passport strategy that authenticates the caller by `Authorization: Bearer <access token>`. */
@Injectable()
export class AccessTokenStrategy extends passport.Strategy {
  /**
   * Unique per instance: Passport registers strategies by name per process, which may run two apps. It copies only
   * named strategies per request; one passed to it as an object would mix up concurrent requests.
   */
  override readonly name = `access-token-${randomUUID()}`;

  constructor(private readonly verifier: AccessTokenVerifier) {
    super();
    passport.use(this);
  }

  /**
   * Called by Passport, whose types know requests of Express only. Reports the user, or an AccessTokenExpiredError,
   * InvalidAccessTokenError or RateLimitedError.
   */
  override authenticate(request: unknown): void {
    this.verify(request as FastifyRequest).then(
      (user) => this.success(user),
      (error: unknown) => this.error(error),
    );
  }

  private async verify(request: FastifyRequest) {
    const claims = this.verifier.signedClaims(request);
    if (claims === null) throw new InvalidAccessTokenError();
    return this.verifier.authorize(claims, pendingTicketOf(request));
  }
}
