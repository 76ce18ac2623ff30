import { Injectable } from '@nestjs/common';
import { AccessTokenVerifier } from '../../auth/index.js';
import type { AuthUser } from '../../common/index.js';
import { RateLimitTicket, limitHeaders, RateLimitedError, RequestLimits, type RouteLimit } from '../../rate-limit/index.js';
import { AccessTokenMissingError, AccessTokens, bearerToken } from '../../tokens/index.js';

/** What a client says first, in a frame or in headers. */
export interface Handshake {
  readonly accessToken?: unknown;
  readonly lastEventId?: unknown;
}

/** Logs a client in; one whose header held a token is logged in, or refused, already. */
export type LogIn = (greeting: Handshake) => Promise<AuthUser>;

/** Gets the headers of an answer that say where a client stands. */
type NoteLimits = (headers: Record<string, string>) => void;

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
    private readonly check: AccessTokenVerifier,
    private readonly limits: RequestLimits,
  ) {}

  /**
   * Admits a client whose header holds a token, and counts the handshake, before the upgrade costs anything: an
   * admitted user pays as for a request, everybody else by address.
   * @param address of the client; undefined when the connection is broken
   * @param noteLimits is called for each charge, before the result is there
   * @returns the login of this client, or the refusal when the user or the address has nothing left
   */
  async countHandshake(
    authorization: string | undefined,
    address: string | undefined,
    noteLimits: NoteLimits,
  ): Promise<LogIn | RateLimitedError> {
    if (authorization === undefined) {
      return (await this.chargeAddress(address, noteLimits)) ?? ((greeting) => this.logIn(greeting));
    }
    try {
      const user = await this.logIn({ accessToken: bearerToken(authorization) ?? '' }, noteLimits);
      return () => Promise.resolve(user);
    } catch (error) {
      if (error instanceof RateLimitedError) return error;
      const rethrow = () => {
        throw error;
      };
      return (await this.chargeAddress(address, noteLimits)) ?? rethrow;
    }
  }

  /** @throws AccessTokenMissingError, AccessTokenExpiredError, InvalidAccessTokenError, RateLimitedError */
  private async logIn({ accessToken }: Handshake, noteLimits?: NoteLimits): Promise<AuthUser> {
    if (typeof accessToken !== 'string') throw new AccessTokenMissingError();
    return this.check.authorize(this.access.read(accessToken), this.charge(undefined, noteLimits));
  }

  private chargeAddress(address: string | undefined, noteLimits: NoteLimits): Promise<RateLimitedError | undefined> {
    return new Promise((resolve) => this.charge(HANDSHAKES, noteLimits).consumeByIp(address, resolve));
  }

  private charge(limit: RouteLimit | undefined, noteLimits?: NoteLimits): RateLimitTicket {
    const policies = this.limits.plansOf(limit);
    return new RateLimitTicket(this.limits, policies, (...usage) => noteLimits?.(limitHeaders(...usage)));
  }
}
