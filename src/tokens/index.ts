export { AccessTokens, bearerToken } from './access-tokens.js';
export type { Session } from './session-replies.js';
export { SessionStore } from './session-store.js';
export { TokenService, type LogOut, type TokenPair } from './token.service.js';
export {
  AccessTokenExpiredError,
  AccessTokenMissingError,
  InvalidAccessTokenError,
  InvalidRefreshTokenError,
} from './tokens.errors.js';
export { TokensModule } from './tokens.module.js';
