import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSameOrigin, OriginNotAllowedError } from '../../common/index.js';
import { Env } from '../../config/index.js';
import { InvalidRefreshTokenError, type TokenPair } from '../../tokens/index.js';
import type { RefreshTransport } from '../dto/log-in.dto.js';
import { TokenPairDto } from '../dto/token-pair.dto.js';

/** Browsers reject a cookie with the `__Secure-` prefix unless it has the `Secure` attribute. */
const COOKIE = '__Secure-refresh';
/** The path limits the cookie to the auth routes instead of every request; a `__Host-` cookie requires path `/`. */
const ATTRIBUTES = { path: '/api/v1/auth', httpOnly: true, secure: true, sameSite: 'strict' } as const;

const DEVICE_COOKIE = '__Secure-device';
/** Sent to the login route only. Max age: one year; browsers cap cookie lifetimes at little more. */
const DEVICE_ATTRIBUTES = { ...ATTRIBUTES, path: '/api/v1/auth/login', maxAge: 365 * 86_400 } as const;

/** A refresh token as received, and its transport. */
export interface PresentedRefreshToken {
  readonly token: string | undefined;
  readonly transport: RefreshTransport;
}

/** Transports of refresh tokens: request header and response body, or a cookie. */
@Injectable()
export class RefreshTransports {
  constructor(private readonly env: Env) {}

  /**
   * Reads the refresh token from the `Refresh` header, else from the cookie.
   * @throws OriginNotAllowedError when the cookie came with a cross-site request
   */
  read(request: FastifyRequest): PresentedRefreshToken {
    const header = request.headers['refresh'];
    if (header !== undefined) return { token: String(header), transport: 'body' };
    const token = request.cookies[COOKIE];
    if (token === undefined) return { token, transport: 'body' };
    if (!isSameOrigin(request, this.env.corsOrigins)) throw new OriginNotAllowedError();
    return { token, transport: 'cookie' };
  }

  /** Device token of the cookie transport, unverified. */
  readDeviceToken({ cookies }: FastifyRequest): string | undefined {
    return cookies[DEVICE_COOKIE];
  }

  /** Sends a token pair to the client; no cache may store the response (RFC 6749, 5.1). */
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
   * Awaits `work`; if it fails because the session has ended, clears the cookie that the browser sent. The cookie is
   * not cleared while the session is alive or its state is unknown (403, 503).
   */
  async clearCookieIfEnded<T>(reply: FastifyReply, { transport }: PresentedRefreshToken, work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      const isEnded = error instanceof InvalidRefreshTokenError && error.isSessionEnded;
      if (isEnded && transport === 'cookie') this.clearCookie(reply);
      throw error;
    });
  }

  /** Clears the refresh cookie if the request carried one. */
  clearCookie(reply: FastifyReply): void {
    if (reply.request.cookies[COOKIE] === undefined) return;
    reply.clearCookie(COOKIE, ATTRIBUTES);
  }
}
