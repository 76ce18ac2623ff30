import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const PUBLIC_ROUTE = 'publicRoute';

/** OpenAPI extension that states how a route uses an access token. */
export const ACCESS_TOKEN_USE = 'x-access-token';

/** `needed` unless a decorator sets another value. */
export type AccessTokenUse = 'needed' | 'optional' | 'ignored';

/**
 * Makes the route public. All other routes require a signed-in user.
 * @example @Public() @Get() list() {}
 */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(PUBLIC_ROUTE, true), ApiExtension(ACCESS_TOKEN_USE, 'optional' satisfies AccessTokenUse));
