import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSameOrigin, OriginNotAllowedError } from '../../common/index.js';
import { Env } from '../../config/index.js';
import { InvalidRefreshTokenError, type TokenPair } from '../../tokens/index.js';
import type { RefreshTransport } from '../dto/log-in.dto.js';
import { TokenPairDto } from '../dto/token-pair.dto.js';

/** The prefix makes browsers refuse the cookie unless it is `Secure`. */
const COOKIE = '__Secure-refresh';
/** Sent to the routes that take it and their neighbours, not with every request; `__Host-` would need `/`. */
const ATTRIBUTES = { path: '/api/v1/auth', httpOnly: true, secure: true, sameSite: 'strict' } as const;

const DEVICE_COOKIE = '__Secure-device';
/** Sent to the login only. Browsers keep no cookie for much longer than a year. */
const DEVICE_ATTRIBUTES = { ...ATTRIBUTES, path: '/api/v1/auth/login', maxAge: 365 * 86_400 } as const;

/** A refresh token as it came, and the way it came. */
export interface PresentedRefreshToken {
  readonly token: string | undefined;
  readonly transport: RefreshTransport;
}

/** The two ways a refresh token travels: header and body, or a cookie. */
@Injectable()
export class RefreshTransports {
  constructor(private readonly env: Env) {}

  /**
   * Takes the refresh token from the `Refresh` header, else from the cookie.
   * @throws OriginNotAllowedError when another web site made the browser send the cookie
   */
  read(request: FastifyRequest): PresentedRefreshToken {
    const header = request.headers['refresh'];
    if (header !== undefined) return { token: String(header), transport: 'body' };
    const token = request.cookies[COOKIE];
    if (token === undefined) return { token, transport: 'body' };
    if (!isSameOrigin(request, this.env.corsOrigins)) throw new OriginNotAllowedError();
    return { token, transport: 'cookie' };
  }

  /** The device token of the cookie transport, unverified. */
  readDeviceToken({ cookies }: FastifyRequest): string | undefined {
    return cookies[DEVICE_COOKIE];
  }

  /** Hands a token pair to the client; no cache may keep the answer (RFC 6749, 5.1). */
  send(
    reply: FastifyReply,
    pair: TokenPair & { readonly deviceToken?: string },
    transport: RefreshTransport,
  ): TokenPairDto {
    const { deviceToken } = pair;
    reply.header('cache-control', 'no-store');
    if (transport === 'cookie') {
      reply.setCookie(COOKIE, pair.refreshToken, { ...ATTRIBUTES, maxAge: pair.refreshExpiresInS });
      if (deviceToken !== undefined) reply.setCookie(DEVICE_COOKIE, deviceToken, DEVICE_ATTRIBUTES);
    }
    return Object.assign(new TokenPairDto(), {
      tokenType: 'Bearer',
      accessToken: pair.accessToken,
      expiresIn: pair.expiresInS,
      ...(transport === 'body' && { refreshToken: pair.refreshToken }),
      refreshExpiresIn: pair.refreshExpiresInS,
      ...(transport === 'body' && deviceToken !== undefined && { deviceToken }),
    });
  }

  /**
   * Waits for `work`, and takes the cookie away from a browser that sent it when the session it belongs to is gone. It
   * stays when the session lives, and when nobody could say (403, 503).
   */
  async clearWhenGone<T>(reply: FastifyReply, { transport }: PresentedRefreshToken, work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      const isGone = error instanceof InvalidRefreshTokenError && error.isSessionGone;
      if (isGone && transport === 'cookie') this.clearCookie(reply);
      throw error;
    });
  }

  /** Takes the cookie away from a browser that has one. */
  clearCookie(reply: FastifyReply): void {
    if (reply.request.cookies[COOKIE] === undefined) return;
    reply.clearCookie(COOKIE, ATTRIBUTES);
  }
}
