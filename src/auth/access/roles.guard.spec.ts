import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ForbiddenError, Roles, type AuthUser, type Role } from '../../common/index.js';
import { AccessTokenMissingError } from '../../tokens/index.js';
import { RolesGuard } from './roles.guard.js';

class Routes {
  open(): void {
    return;
  }

  @Roles('admin')
  admins(): void {
    return;
  }
}

@Roles('admin')
class AdminRoutes {
  any(): void {
    return;
  }
}

function user(role: Role): AuthUser {
  return { userId: 'x', role, tier: 'user', sessionId: 'x', jti: 'x', issuedAtS: 0, expiresAtS: 0 };
}

function call(type: new () => object, handler: () => void, caller?: AuthUser): boolean {
  const context = {
    getHandler: () => handler,
    getClass: () => type,
    switchToHttp: () => ({ getRequest: () => ({ user: caller }) }),
  };
  return new RolesGuard(new Reflector()).canActivate(context as unknown as ExecutionContext);
}

describe('RolesGuard', () => {
  const { open, admins } = Routes.prototype;
  const { any } = AdminRoutes.prototype;

  it('admits everyone where no role is required', () => {
    expect([call(Routes, open), call(Routes, open, user('user'))]).toEqual([true, true]);
  });

  it('admits only the role that the method or its class requires', () => {
    expect([call(Routes, admins, user('admin')), call(AdminRoutes, any, user('admin'))]).toEqual([true, true]);
    for (const [type, handler] of [[Routes, admins], [AdminRoutes, any]] as const) {
      expect(() => call(type, handler, user('user'))).toThrow(ForbiddenError);
    }
  });

  it('rejects anonymous callers, on a public route too', () => {
    expect(() => call(Routes, admins)).toThrow(AccessTokenMissingError);
  });
});
