export { AccessTokenVerifier } from './access/access-token-verifier.js';
export { WithoutAccessToken } from './access/without-access-token.decorator.js';
export { InvalidCredentialsError, WeakPasswordError } from './auth.errors.js';
export { AuthModule } from './auth.module.js';
export { PasswordHasher } from './passwords/password-hasher.js';
