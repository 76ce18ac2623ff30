import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { ACCESS_TOKEN_USE, PUBLIC_ROUTE, type AccessTokenUse } from '../../common/index.js';
import { LimitByIp } from '../../rate-limit/index.js';

export const ACCESS_TOKEN_IGNORED = 'accessTokenIgnored';

/**
 * For routes that give out tokens or take them back: anyone may call them, and the guard does not look at an access
 * token sent along. Clients send their expired one along with the reissue; refusing it would leave them no way out.
 * @example @WithoutAccessToken() @Post('reissue') reissue() {}
 */
export const WithoutAccessToken = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(PUBLIC_ROUTE, true),
    SetMetadata(ACCESS_TOKEN_IGNORED, true),
    LimitByIp(),
    ApiExtension(ACCESS_TOKEN_USE, 'ignored' satisfies AccessTokenUse),
  );
