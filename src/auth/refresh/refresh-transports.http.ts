import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ForbiddenError, isFromHere } from '../../common/index.js';
import { Env } from '../../config/index.js';
import type { TokenPair } from '../../tokens/index.js';
import type { RefreshTransport } from '../dto/log-in.dto.js';
import { TokenPairDto } from '../dto/token-pair.dto.js';

/** The prefix makes browsers refuse the cookie unless it is `Secure`. */
const COOKIE = '__Secure-refresh';
/** Sent to the routes that take it and their neighbours, not with every request; `__Host-` would need `/`. */
const ATTRIBUTES = { path: '/api/v1/auth', httpOnly: true, secure: true, sameSite: 'strict' } as const;

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
   * @throws ForbiddenError when another web site made the browser send the cookie
   */
  read(request: FastifyRequest): PresentedRefreshToken {
    const header = request.headers['refresh'];
    if (header !== undefined) return { token: String(header), transport: 'body' };
    const token = request.cookies[COOKIE];
    if (token === undefined) return { token, transport: 'body' };
    if (!isFromHere(request, this.env.corsOrigins)) throw new ForbiddenError();
    return { token, transport: 'cookie' };
  }

  /** Hands a token pair to the client. */
  deliver(reply: FastifyReply, pair: TokenPair, transport: RefreshTransport): TokenPairDto {
    if (transport === 'cookie') {
      reply.setCookie(COOKIE, pair.refreshToken, { ...ATTRIBUTES, maxAge: pair.refreshExpiresInS });
    }
    return Object.assign(new TokenPairDto(), {
      tokenType: 'Bearer',
      accessToken: pair.accessToken,
      expiresIn: pair.expiresInS,
      ...(transport === 'body' && { refreshToken: pair.refreshToken }),
      refreshExpiresIn: pair.refreshExpiresInS,
    });
  }

  /** Takes the cookie away from a browser that has one. */
  clear(reply: FastifyReply): void {
    if (reply.request.cookies[COOKIE] === undefined) return;
    reply.clearCookie(COOKIE, ATTRIBUTES);
  }
}
