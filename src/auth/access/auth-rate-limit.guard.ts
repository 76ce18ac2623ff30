import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Env } from '../../config/index.js';
import { clientNetwork, FixedWindow } from '../../rate-limit/index.js';

const MINUTE_MS = 60_000;

/** Rate limit of sign-ups and logins per client network: `RATE_LIMIT_AUTH` per minute. */
@Injectable()
export class AuthRateLimitGuard implements CanActivate {
  constructor(
    private readonly window: FixedWindow,
    private readonly env: Env,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { ip } = context.switchToHttp().getRequest<{ ip?: string }>();
    await this.window.count('auth', clientNetwork(ip), { limit: this.env.rateLimitAuth, windowMs: MINUTE_MS });
    return true;
  }
}
