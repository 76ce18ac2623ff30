export { AccessCheck } from './access/access-check.js';
export { WithoutAccessToken } from './access/without-access-token.decorator.js';
export { InvalidCredentialsError, PasswordTooGuessableError } from './auth.errors.js';
export { AuthModule } from './auth.module.js';
export { PasswordHasher } from './passwords/password-hasher.js';
