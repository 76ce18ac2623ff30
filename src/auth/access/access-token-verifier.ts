import { Injectable } from '@nestjs/common';
import type { AccessClaims, AuthUser } from '../../common/index.js';
import type { RateLimitTicket } from '../../rate-limit/index.js';
import { AccessTokens, bearerToken, InvalidAccessTokenError, TokenService } from '../../tokens/index.js';
import { UserNotFoundError, UsersService, type Permissions } from '../../users/index.js';

/** Request of Fastify or Node. */
interface BearerRequest {
  readonly headers: { readonly authorization?: string | undefined };
}

/** Verifies access tokens and authorizes their users, for requests, streams, WebSockets and the queue board alike. */
@Injectable()
export class AccessTokenVerifier {
  private readonly claims = new WeakMap<BearerRequest, AccessClaims | null>();

  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly tokens: TokenService,
    private readonly users: UsersService,
  ) {}

  /**
   * Claims of the bearer token of a request, not yet checked for expiration and revocation; null unless it is validly
   * signed. The rate limit and the guard both need them, so the signature is verified once per request.
   */
  signedClaims(request: BearerRequest): AccessClaims | null {
    const cached = this.claims.get(request);
    if (cached !== undefined) return cached;
    const claims = this.accessTokens.find(bearerToken(request.headers.authorization));
    this.claims.set(request, claims);
    return claims;
  }

  /**
   * Reads the permissions first, because the rate limit depends on them; then checks the token and counts the request
   * in one atomic step, so that a revoked token consumes nothing.
   *
   * @param claims of a validly signed token
   * @param ticket rate-limit ticket to consume; without one the request is not counted
   * @throws AccessTokenExpiredError, RateLimitedError; InvalidAccessTokenError when the token is revoked or the user
   * does not exist
   */
  async authorize(claims: AccessClaims, ticket?: RateLimitTicket): Promise<AuthUser> {
    const { role, tier } = await this.permissionsOf(claims);
    const consumption = ticket?.consumeByUser(claims.userId, role === 'admin' ? 'admin' : tier);
    const reply = await this.tokens.check(claims, consumption?.call);
    consumption?.end(reply);
    return { ...claims, role, tier };
  }

  /**
   * Authorizes the user of an open stream or WebSocket again. Permissions are read for admins only: other users have
   * none to lose, and 5,000 connections would add 1,700 reads per second to PostgreSQL when the cache is unavailable.
   *
   * @throws AccessTokenExpiredError; InvalidAccessTokenError when the token is revoked, or the user is deleted or no
   * longer an admin
   */
  async reauthorize(user: AuthUser): Promise<void> {
    await this.tokens.check(user);
    if (user.role !== 'admin') return;
    const { role } = await this.permissionsOf(user);
    if (role !== 'admin') throw new InvalidAccessTokenError();
  }

  private async permissionsOf({ userId }: AccessClaims): Promise<Permissions> {
    return this.users.getPermissions(userId).catch((error: unknown) => {
      throw error instanceof UserNotFoundError ? new InvalidAccessTokenError(error) : error;
    });
  }
}
