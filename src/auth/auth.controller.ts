import { Body, Controller, HttpCode, Ip, Post, Res, UseGuards } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems, OriginNotAllowedError } from '../common/index.js';
import { RateLimit } from '../rate-limit/index.js';
import {
  AccessTokenMissingError, bearerToken, InvalidAccessTokenError, InvalidRefreshTokenError,
} from '../tokens/index.js';
import { EmailTakenError, NicknameTakenError, UserDto } from '../users/index.js';
import { AuthRateLimitGuard } from './access/auth-rate-limit.guard.js';
import { OwnOriginGuard } from './access/own-origin.guard.js';
import { WithoutAccessToken } from './access/without-access-token.decorator.js';
import { InvalidCredentialsError, WeakPasswordError } from './auth.errors.js';
import { AuthService } from './auth.service.js';
import { LogInDto } from './dto/log-in.dto.js';
import { SignUpDto } from './dto/sign-up.dto.js';
import { TokenPairDto } from './dto/token-pair.dto.js';
import { RefreshTransports } from './refresh/refresh-transports.http.js';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly transports: RefreshTransports,
  ) {}

  /**
   * Sign up.
   *
   * The response reveals whether the e-mail address already has an account (`EMAIL_TAKEN`); login does not.
   */
  @ApiProblems(WeakPasswordError, EmailTakenError, NicknameTakenError, OriginNotAllowedError)
  @ApiSecurity({})
  @WithoutAccessToken()
  @UseGuards(OwnOriginGuard, AuthRateLimitGuard)
  @Post('signup')
  async signUp(@Body() account: SignUpDto): Promise<UserDto> {
    return UserDto.from(await this.auth.signUp(account));
  }

  /**
   * Log in with e-mail address and password.
   *
   * Repeated failures delay logins: up to 1 minute per account, 5 minutes per client address. A valid `deviceToken` is
   * throttled separately; the per-address login limit still applies. The cookie transport sends it by itself.
   */
  @ApiProblems(InvalidCredentialsError, OriginNotAllowedError)
  @ApiSecurity({})
  @WithoutAccessToken()
  @UseGuards(OwnOriginGuard, AuthRateLimitGuard)
  @Post('login')
  @HttpCode(200)
  async logIn(
    @Body() login: LogInDto,
    @Ip() address: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TokenPairDto> {
    const { email, password, device, transport } = login;
    const deviceToken = login.deviceToken ?? this.transports.readDeviceToken(reply.request);
    const pair = await this.auth.logIn({ email, password, device, address, deviceToken });
    return this.transports.send(reply, pair, transport);
  }

  /**
   * Exchange your refresh token for a new token pair.
   *
   * The refresh token is rotated. Send it as `Refresh` header, or as the cookie of the cookie transport. If the
   * response is lost, repeat the request with the same token within 10 seconds. Within this window the new refresh
   * token is not rotated: presenting it returns the same refresh token and a new access token. A rotated token that is
   * presented later ends the session. Limited to 300 requests a minute per client address, separately from all other
   * requests.
   */
  // Other clients behind the same address must not prevent a user from staying signed in.
  @RateLimit({ limit: 300, window: '1m', standalone: true })
  @ApiProblems(InvalidRefreshTokenError, OriginNotAllowedError)
  @ApiSecurity('refreshToken')
  @WithoutAccessToken()
  @Post('reissue')
  @HttpCode(200)
  async reissue(@Res({ passthrough: true }) reply: FastifyReply): Promise<TokenPairDto> {
    const presented = this.transports.read(reply.request);
    const pair = await this.transports.clearCookieIfEnded(reply, presented, this.auth.reissue(presented.token));
    return this.transports.send(reply, pair, presented.transport);
  }

  /**
   * Log out this device.
   *
   * The access token, the refresh token and the session become invalid immediately. One token is enough: the access
   * token, or the refresh token in the header or the cookie. Expired or already rotated tokens are accepted.
   * Idempotent: 204 even if the session has already ended. With an access token the `Refresh` header is ignored; the
   * session of a refresh cookie ends too if it belongs to the same user. The cookie is cleared once its session has
   * ended. Limited to 300 requests a minute per client address, separately from all other requests.
   */
  // As for the reissue: other requests must not prevent a logout.
  @RateLimit({ limit: 300, window: '1m', standalone: true })
  @ApiProblems(AccessTokenMissingError, InvalidAccessTokenError, InvalidRefreshTokenError, OriginNotAllowedError)
  @ApiSecurity('refreshToken')
  @ApiSecurity('accessToken')
  @WithoutAccessToken()
  @Post('logout')
  @HttpCode(204)
  async logOut(@Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const presented = this.transports.read(reply.request);
    const { authorization } = reply.request.headers;
    const accessToken = authorization === undefined ? undefined : (bearerToken(authorization) ?? '');
    const isCookie = presented.transport === 'cookie';
    // The response clears the cookie; without its client, the session of the cookie would remain open for days.
    const work = this.auth.logOut({ accessToken, refreshToken: presented.token, endsBoth: isCookie });
    const hasEnded = await this.transports.clearCookieIfEnded(reply, presented, work);
    if (isCookie && hasEnded) this.transports.clearCookie(reply);
  }
}
