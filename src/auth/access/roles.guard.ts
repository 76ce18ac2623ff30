import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ForbiddenError, ROUTE_ROLES, type AuthUser, type Role } from '../../common/index.js';
import { AccessTokenMissingError } from '../../tokens/index.js';

/** Admits only users with a role listed in `@Roles()`. Runs after the `AccessTokenGuard`. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const roles = this.reflector.getAllAndOverride<Role[] | undefined>(ROUTE_ROLES, targets);
    if (roles === undefined) return true;
    const { user } = context.switchToHttp().getRequest<{ user?: AuthUser }>();
    if (user === undefined) throw new AccessTokenMissingError();
    if (!roles.includes(user.role)) throw new ForbiddenError();
    return true;
  }
}
