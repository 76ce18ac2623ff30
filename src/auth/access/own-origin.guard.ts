import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isSameOrigin, OriginNotAllowedError } from '../../common/index.js';
import { Env } from '../../config/index.js';

/**
 * Rejects cross-site requests: another site could log its visitor in to the attacker's account (login CSRF), or
 * exhaust the login rate limit of the visitor's address. Non-browser clients send neither `Origin` nor
 * `Sec-Fetch-Site` and pass.
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
