import { Injectable } from '@nestjs/common';
import { AccessCheck } from '../../auth/index.js';
import type { AuthUser } from '../../common/index.js';
import { Charge, RequestLimits, type RateLimitedError, type RouteLimit } from '../../rate-limit/index.js';
import { AccessTokenMissingError, AccessTokens, bearerToken } from '../../tokens/index.js';

/** What a client says first, in a frame or in headers. */
export interface Greeting {
  readonly accessToken?: unknown;
  readonly lastEventId?: unknown;
}

/** Handshakes a minute from one address, apart from its other requests: nobody behind it is to miss their own. */
const HANDSHAKES: RouteLimit = {
  cost: 1,
  policy: { name: 'socket', suffix: ':socket', limit: 300, windowMs: 60_000 },
  apart: true,
};

/** Checks who wants to listen, as the guard of the routes does for requests; costs the user what a request does. */
@Injectable()
export class SocketLogin {
  constructor(
    private readonly access: AccessTokens,
    private readonly check: AccessCheck,
    private readonly limits: RequestLimits,
  ) {}

  /**
   * Counts a handshake by the address of the client, before the upgrade costs anything. Whose header holds a token of
   * ours pays as a user, at the login.
   * @param address of the client; undefined when the connection is broken
   * @param done gets the refusal, if any
   */
  countHandshake(
    authorization: string | undefined,
    address: string | undefined,
    done: (refusal?: RateLimitedError) => void,
  ): void {
    if (this.access.find(bearerToken(authorization)) !== null) done();
    else new Charge(this.limits, this.limits.plansOf(HANDSHAKES)).toAddress(address, done);
  }

  /** @throws AccessTokenMissingError, AccessTokenExpiredError, InvalidAccessTokenError, RateLimitedError */
  async logIn({ accessToken }: Greeting): Promise<AuthUser> {
    if (typeof accessToken !== 'string') throw new AccessTokenMissingError();
    return this.check.admit(this.access.read(accessToken), new Charge(this.limits, this.limits.plansOf()));
  }
}
