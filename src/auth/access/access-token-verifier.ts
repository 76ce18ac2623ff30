import { Injectable } from '@nestjs/common';
import type { AccessClaims, AuthUser } from '../../common/index.js';
import type { RateLimitTicket } from '../../rate-limit/index.js';
import { InvalidAccessTokenError, TokenService } from '../../tokens/index.js';
import { UserNotFoundError, UsersService } from '../../users/index.js';

/** Identifies and authorizes the caller of an access token whose signature has been verified. */
@Injectable()
export class AccessTokenVerifier {
  constructor(
    private readonly tokens: TokenService,
    private readonly users: UsersService,
  ) {}

  /**
   * Reads the permissions first, because the rate limit depends on them; then checks the token and counts the request
   * in one atomic step, so that a revoked token consumes nothing.
   *
   * @param charge rate-limit ticket to consume; without one the request is not counted
   * @throws AccessTokenExpiredError, RateLimitedError; InvalidAccessTokenError when the token is revoked or the user
   * does not exist
   */
  async authorize(claims: AccessClaims, charge?: RateLimitTicket): Promise<AuthUser> {
    const { userId } = claims;
    const { role, tier } = await this.users.getPermissions(userId).catch((error: unknown) => {
      throw error instanceof UserNotFoundError ? new InvalidAccessTokenError(error) : error;
    });
    const payment = charge?.to(userId, role === 'admin' ? 'admin' : tier);
    const reply = await this.tokens.check(claims, payment?.call);
    payment?.end(reply);
    return { ...claims, role, tier };
  }
}
