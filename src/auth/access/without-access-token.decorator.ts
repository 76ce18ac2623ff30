import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { ACCESS_TOKEN_USE, PUBLIC_ROUTE, type AccessTokenUse } from '../../common/index.js';
import { LimitByIp } from '../../rate-limit/index.js';

export const ACCESS_TOKEN_IGNORED = 'accessTokenIgnored';

/**
 * Marks routes that issue or revoke tokens: public, and the guard ignores an access token sent with the request.
 * Clients send their expired one with the reissue request; rejecting it would make reissuing impossible.
 * @example @WithoutAccessToken() @Post('reissue') reissue() {}
 */
export const WithoutAccessToken = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(PUBLIC_ROUTE, true),
    SetMetadata(ACCESS_TOKEN_IGNORED, true),
    LimitByIp(),
    ApiExtension(ACCESS_TOKEN_USE, 'ignored' satisfies AccessTokenUse),
  );
