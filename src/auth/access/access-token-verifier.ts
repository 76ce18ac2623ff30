import { Injectable } from '@nestjs/common';
import type { AuthUser } from '../../common/index.js';
import type { RateLimitTicket } from '../../rate-limit/index.js';
import { InvalidAccessTokenError, TokenService, type AccessClaims } from '../../tokens/index.js';
import { UserNotFoundError, UsersService } from '../../users/index.js';

/** Says who calls with an access token whose signature has been verified. */
@Injectable()
export class AccessTokenVerifier {
  constructor(
    private readonly tokens: TokenService,
    private readonly users: UsersService,
  ) {}

  /**
   * The rights come first, for the limit depends on them; the token is then checked and the request counted in one
   * step, so that nobody pays for a token that has been revoked.
   *
   * @param charge what the caller has to pay; nothing unless given
   * @throws AccessTokenExpiredError, RateLimitedError; InvalidAccessTokenError when the token is revoked or the user is
   * gone
   */
  async authorize(claims: AccessClaims, charge?: RateLimitTicket): Promise<AuthUser> {
    const { userId, sessionId, jti, issuedAtS, expiresAtS } = claims;
    const { role, tier } = await this.users.getPermissions(userId).catch((error: unknown) => {
      throw error instanceof UserNotFoundError ? new InvalidAccessTokenError(error) : error;
    });
    const payment = charge?.to(userId, role === 'admin' ? 'admin' : tier);
    const reply = await this.tokens.check(claims, payment?.call);
    payment?.end(reply);
    return { id: userId, role, tier, sessionId, jti, issuedAt: issuedAtS, expiresAt: expiresAtS };
  }
}
