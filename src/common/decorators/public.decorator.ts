import { SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'publicRoute';

/**
 * Lets anyone call the route. Every other route needs a signed-in user.
 * @example @Public() @Get() list() {}
 */
export const Public = () => SetMetadata(PUBLIC_ROUTE, true);
