import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

export const PUBLIC_ROUTE = 'publicRoute';

/** Extension of the OpenAPI document that says what a route does with an access token. */
export const ACCESS_TOKEN_USE = 'x-access-token';

/** `needed` unless a decorator says otherwise. */
export type AccessTokenUse = 'needed' | 'optional' | 'ignored';

/**
 * Lets anyone call the route. Every other route needs a signed-in user.
 * @example @Public() @Get() list() {}
 */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(PUBLIC_ROUTE, true), ApiExtension(ACCESS_TOKEN_USE, 'optional' satisfies AccessTokenUse));
