import { Injectable } from '@nestjs/common';
import { AccessTokenVerifier } from '../../auth/index.js';
import type { AuthUser } from '../../common/index.js';
import { RateLimitTicket, limitHeaders, RateLimitedError, RequestLimits, type RouteLimit } from '../../rate-limit/index.js';
import { AccessTokenMissingError, AccessTokens, bearerToken } from '../../tokens/index.js';

/** Credentials and position of a client, from its first frame or its headers. */
export interface LoginMessage {
  readonly accessToken?: unknown;
  readonly lastEventId?: unknown;
}

/** Authenticates a client; if its header held a token, returns or throws the result of the check done before. */
export type LogIn = (message: LoginMessage) => Promise<AuthUser>;

/** Receives the rate-limit headers for the response. */
type OnLimits = (headers: Record<string, string>) => void;

/** Handshakes per minute and IP, limited separately, so that they do not consume the other requests of that address. */
const HANDSHAKES: RouteLimit = {
  cost: 1,
  policy: { name: 'socket', suffix: ':socket', limit: 300, windowMs: 60_000 },
  standalone: true,
};

/** Authenticates handshakes as the route guard does requests; a handshake consumes the user's limit like a request. */
@Injectable()
export class SocketLogin {
  constructor(
    private readonly access: AccessTokens,
    private readonly verifier: AccessTokenVerifier,
    private readonly limits: RequestLimits,
  ) {}

  /**
   * Authenticates a client whose header holds a token, and counts the handshake, before the cost of the upgrade: for an
   * authenticated user against the limit of requests, else against the limit of the IP.
   * @param address IP of the client; undefined if the connection is broken
   * @param onLimits called for each rate limit consumed, before the result is returned
   * @returns the login of this client, or the error if the rate limit of the user or IP is exceeded
   */
  async countHandshake(
    authorization: string | undefined,
    address: string | undefined,
    onLimits: OnLimits,
  ): Promise<LogIn | RateLimitedError> {
    if (authorization === undefined) {
      return (await this.consumeByAddress(address, onLimits)) ?? ((message) => this.logIn(message));
    }
    try {
      const user = await this.logIn({ accessToken: bearerToken(authorization) ?? '' }, onLimits);
      return () => Promise.resolve(user);
    } catch (error) {
      if (error instanceof RateLimitedError) return error;
      const rethrow = () => {
        throw error;
      };
      return (await this.consumeByAddress(address, onLimits)) ?? rethrow;
    }
  }

  /** @throws AccessTokenMissingError, AccessTokenExpiredError, InvalidAccessTokenError, RateLimitedError */
  private async logIn({ accessToken }: LoginMessage, onLimits?: OnLimits): Promise<AuthUser> {
    if (typeof accessToken !== 'string') throw new AccessTokenMissingError();
    return this.verifier.authorize(this.access.verify(accessToken), this.ticketFor(undefined, onLimits));
  }

  private consumeByAddress(address: string | undefined, onLimits: OnLimits): Promise<RateLimitedError | undefined> {
    return new Promise((resolve) => this.ticketFor(HANDSHAKES, onLimits).consumeByIp(address, resolve));
  }

  private ticketFor(limit: RouteLimit | undefined, onLimits?: OnLimits): RateLimitTicket {
    const policies = this.limits.policiesOf(limit);
    return new RateLimitTicket(this.limits, policies, (...usage) => onLimits?.(limitHeaders(...usage)));
  }
}
