import { Injectable } from '@nestjs/common';
import type { AuthUser } from '../../common/index.js';
import { AccessTokenMissingError, InvalidAccessTokenError, TokenService } from '../../tokens/index.js';
import { UserNotFoundError, UsersService } from '../../users/index.js';

/** What a client says first, in a frame or in headers. */
export interface Greeting {
  readonly accessToken?: unknown;
  readonly lastEventId?: unknown;
}

/** Checks who wants to listen, as the guard of the routes does for requests. */
@Injectable()
export class SocketLogin {
  constructor(
    private readonly tokens: TokenService,
    private readonly users: UsersService,
  ) {}

  /** @throws AccessTokenMissingError, AccessTokenExpiredError, InvalidAccessTokenError */
  async logIn({ accessToken }: Greeting): Promise<AuthUser> {
    if (typeof accessToken !== 'string') throw new AccessTokenMissingError();
    const { userId, sessionId, jti, issuedAtS, expiresAtS } = await this.tokens.authenticate(accessToken);
    const { role, tier } = await this.users.getPermissions(userId).catch((error: unknown) => {
      throw error instanceof UserNotFoundError ? new InvalidAccessTokenError(error) : error;
    });
    return { id: userId, role, tier, sessionId, jti, issuedAt: issuedAtS, expiresAt: expiresAtS };
  }
}
