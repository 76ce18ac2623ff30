import { Module } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AccessTokens } from './access-tokens.js';
import { JwtKeys } from './jwt-keys.js';
import { SessionStore } from './session-store.js';
import { TokenService } from './token.service.js';

/** Provides `TokenService`, `SessionStore` and `AccessTokens`. */
@Module({
  providers: [
    JwtKeys,
    { provide: JwtService, inject: [JwtKeys], useFactory: (keys: JwtKeys) => new JwtService(keys.asOptions()) },
    AccessTokens,
    SessionStore,
    TokenService,
  ],
  exports: [AccessTokens, SessionStore, TokenService],
})
export class TokensModule {}
