export { AccessTokenVerifier } from './access/access-token-verifier.js';
export { AuthModule } from './auth.module.js';
export { PasswordHasher } from './passwords/password-hasher.js';
