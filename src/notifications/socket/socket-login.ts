import { Injectable } from '@nestjs/common';
import { AccessCheck } from '../../auth/index.js';
import type { AuthUser } from '../../common/index.js';
import { Charge, RateLimitedError, RequestLimits, type RouteLimit } from '../../rate-limit/index.js';
import { AccessTokenMissingError, AccessTokens, bearerToken } from '../../tokens/index.js';

/** What a client says first, in a frame or in headers. */
export interface Greeting {
  readonly accessToken?: unknown;
  readonly lastEventId?: unknown;
}

/** Logs a client in; one whose header held a token is logged in, or refused, already. */
export type LogIn = (greeting: Greeting) => Promise<AuthUser>;

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
   * Admits a client whose header holds a token, and counts the handshake, before the upgrade costs anything: an
   * admitted user pays as for a request, everybody else by address.
   * @param address of the client; undefined when the connection is broken
   * @returns the login of this client, or the refusal when the user or the address has nothing left
   */
  async countHandshake(
    authorization: string | undefined,
    address: string | undefined,
  ): Promise<LogIn | RateLimitedError> {
    if (authorization === undefined) return (await this.chargeAddress(address)) ?? ((greeting) => this.logIn(greeting));
    try {
      const user = await this.logIn({ accessToken: bearerToken(authorization) ?? '' });
      return () => Promise.resolve(user);
    } catch (error) {
      if (error instanceof RateLimitedError) return error;
      const rethrow = () => {
        throw error;
      };
      return (await this.chargeAddress(address)) ?? rethrow;
    }
  }

  /** @throws AccessTokenMissingError, AccessTokenExpiredError, InvalidAccessTokenError, RateLimitedError */
  private async logIn({ accessToken }: Greeting): Promise<AuthUser> {
    if (typeof accessToken !== 'string') throw new AccessTokenMissingError();
    return this.check.admit(this.access.read(accessToken), new Charge(this.limits, this.limits.plansOf()));
  }

  private chargeAddress(address: string | undefined): Promise<RateLimitedError | undefined> {
    const charge = new Charge(this.limits, this.limits.plansOf(HANDSHAKES));
    return new Promise((resolve) => charge.toAddress(address, resolve));
  }
}
