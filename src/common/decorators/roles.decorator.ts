import { SetMetadata } from '@nestjs/common';
import type { Role } from './auth-user.js';

export const ROUTE_ROLES = 'routeRoles';

/**
 * Lets only users of these roles call the route.
 * @example @Roles('admin') @Get('jobs') jobs() {}
 */
export const Roles = (...roles: [Role, ...Role[]]) => SetMetadata(ROUTE_ROLES, roles);
