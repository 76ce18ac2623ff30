import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RateLimitModule } from '../rate-limit/index.js';
import { TokensModule } from '../tokens/index.js';
import { UsersModule } from '../users/index.js';
import { AccessTokenVerifier } from './access/access-token-verifier.js';
import { AccessTokenGuard } from './access/access-token.guard.js';
import { AccessTokenStrategy } from './access/access-token.strategy.js';
import { RolesGuard } from './access/roles.guard.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { DeviceTokens } from './devices/device-tokens.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordController } from './passwords/password.controller.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordPolicy } from './passwords/password-policy.js';
import { PasswordService } from './passwords/password.service.js';
import { RefreshTransports } from './refresh/refresh-transports.http.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsService } from './sessions/sessions.service.js';
import { WithdrawalController } from './withdrawal/withdrawal.controller.js';
import { WithdrawalListener } from './withdrawal/withdrawal.listener.js';
import { WithdrawalService } from './withdrawal/withdrawal.service.js';

@Module({
  imports: [RateLimitModule, TokensModule, UsersModule],
  controllers: [AuthController, PasswordController, SessionsController, WithdrawalController],
  providers: [
    AccessTokenVerifier,
    AccessTokenStrategy,
    // Order matters: the role is known only after the token has been verified.
    { provide: APP_GUARD, useClass: AccessTokenGuard },
    { provide: APP_GUARD, useClass: RolesGuard },
    AuthService,
    DeviceTokens,
    LoginThrottle,
    PasswordHasher,
    PasswordPolicy,
    PasswordService,
    RefreshTransports,
    SessionsService,
    WithdrawalListener,
    WithdrawalService,
  ],
  exports: [AccessTokenVerifier],
})
export class AuthModule {}
