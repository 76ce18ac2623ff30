import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isSameOrigin, OriginNotAllowedError } from '../../common/index.js';
import { Env } from '../../config/index.js';

/**
 * Refuses what a page of another web site makes a browser send: it could sign its visitor in to an account of the
 * attacker's (login CSRF), or use up the sign-ins of the visitor's address. Clients that are no browsers send neither
 * `Origin` nor `Sec-Fetch-Site` and pass.
 */
@Injectable()
export class OwnOriginGuard implements CanActivate {
  constructor(private readonly env: Env) {}

  /** @throws OriginNotAllowedError */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!isSameOrigin(request, this.env.corsOrigins)) throw new OriginNotAllowedError();
    return true;
  }
}
