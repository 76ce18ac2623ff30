import { SetMetadata } from '@nestjs/common';
import type { Role } from './auth-user.js';

export const ROUTE_ROLES = 'routeRoles';

/**
 * Restricts the route to users with one of these roles.
 * @example @Roles('admin') @Get('jobs') jobs() {}
 */
export const Roles = (...roles: [Role, ...Role[]]) => SetMetadata(ROUTE_ROLES, roles);
