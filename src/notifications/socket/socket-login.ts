import { Injectable } from '@nestjs/common';
import { AccessCheck } from '../../auth/index.js';
import type { AuthUser } from '../../common/index.js';
import { Charge, RequestLimits } from '../../rate-limit/index.js';
import { AccessTokenMissingError, AccessTokens } from '../../tokens/index.js';

/** What a client says first, in a frame or in headers. */
export interface Greeting {
  readonly accessToken?: unknown;
  readonly lastEventId?: unknown;
}

/** Checks who wants to listen, as the guard of the routes does for requests; costs the user what a request does. */
@Injectable()
export class SocketLogin {
  constructor(
    private readonly access: AccessTokens,
    private readonly check: AccessCheck,
    private readonly limits: RequestLimits,
  ) {}

  /** @throws AccessTokenMissingError, AccessTokenExpiredError, InvalidAccessTokenError, RateLimitedError */
  async logIn({ accessToken }: Greeting): Promise<AuthUser> {
    if (typeof accessToken !== 'string') throw new AccessTokenMissingError();
    return this.check.admit(this.access.read(accessToken), new Charge(this.limits, this.limits.plansOf()));
  }
}
