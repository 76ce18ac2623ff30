import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard, type IAuthGuard } from '@nestjs/passport';
import { PUBLIC_ROUTE } from '../../common/index.js';
import { AccessTokenMissingError } from '../../tokens/index.js';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { ACCESS_TOKEN_IGNORED } from './without-access-token.decorator.js';

/**
 * Global guard: routes without `@Public()` require a user. A token sent to a public route is verified as well, so that
 * a revoked token never identifies a user.
 */
@Injectable()
export class AccessTokenGuard extends AuthGuard() {
  constructor(
    strategy: AccessTokenStrategy,
    private readonly reflector: Reflector,
  ) {
    super({ defaultStrategy: strategy.name });
  }

  // Synchronous for requests without a token: this runs for every request.
  override canActivate(context: ExecutionContext): ReturnType<IAuthGuard['canActivate']> {
    if (this.hasMetadata(ACCESS_TOKEN_IGNORED, context)) return true;
    const { headers } = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    if (headers.authorization !== undefined) return super.canActivate(context);
    if (this.hasMetadata(PUBLIC_ROUTE, context)) return true;
    throw new AccessTokenMissingError();
  }

  private hasMetadata(metadata: string, context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    return this.reflector.getAllAndOverride<boolean | undefined>(metadata, targets) === true;
  }
}
