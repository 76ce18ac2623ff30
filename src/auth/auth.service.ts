import { Injectable } from '@nestjs/common';
import { InvalidRefreshTokenError, TokenService, type LogOut, type TokenPair } from '../tokens/index.js';
import { UserNotFoundError, UsersService, type Credentials, type User } from '../users/index.js';
import { InvalidCredentialsError } from './auth.errors.js';
import { LoginThrottle, type LoginAttempt } from './login-throttle.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordPolicy } from './passwords/password-policy.js';

/** Sign-up, login, reissue of tokens and logout. */
@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: TokenService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly throttle: LoginThrottle,
  ) {}

  /** @throws EmailTakenError, NicknameTakenError, WeakPasswordError */
  async signUp(account: { email: string; nickname: string; password: string }): Promise<User> {
    const { email, nickname, password } = account;
    this.policy.check(password, { email, nickname });
    return this.users.register({ email, nickname, passwordHash: await this.hasher.hash(password) });
  }

  /**
   * Verifies the password and opens a session.
   * @returns the tokens of the session, and the device token to present at the next login
   * @throws InvalidCredentialsError, RateLimitedError
   */
  async logIn(
    login: LoginAttempt & { readonly password: string; readonly device?: string | undefined },
  ): Promise<TokenPair & { readonly deviceToken: string }> {
    const { email, password, device } = login;
    const verify = () => this.verifyCredentials(email, password);
    const { result: user, deviceToken } = await this.throttle.login(login, verify);
    const pair = await this.users.withCredentialsLocked(user, () => this.tokens.open(user.id, device));
    if (pair === null) throw new InvalidCredentialsError();
    return { ...pair, deviceToken };
  }

  /** @throws InvalidRefreshTokenError */
  async reissue(refreshToken: string | undefined): Promise<TokenPair> {
    return this.tokens.rotate(refreshToken, (userId) => this.assertUserExists(userId));
  }

  /**
   * Ends the session of the access token, else that of the refresh token; both with `endsBoth`.
   * @returns whether the session of the refresh token has ended
   * @throws AccessTokenMissingError, InvalidAccessTokenError, InvalidRefreshTokenError when no token of ours was sent
   */
  async logOut(sent: LogOut): Promise<boolean> {
    return this.tokens.logOut(sent);
  }

  /** Takes equally long for an unknown address and a wrong password. Rehashes the password if its hash is weak. */
  private async verifyCredentials(email: string, password: string): Promise<Credentials> {
    const user = await this.users.findByEmail(email);
    const matches = await this.hasher.verify(user?.passwordHash ?? null, password);
    if (user === null || !matches) throw new InvalidCredentialsError();
    if (user.passwordHash === null || !this.hasher.isWeak(user.passwordHash)) return user;
    const passwordHash = await this.hasher.hash(password);
    const renewed = await this.users.replacePassword(user, passwordHash);
    // Another login has replaced the hash, or the password has changed: verify again to find out which.
    return renewed ? { id: user.id, passwordHash } : this.verifyCredentials(email, password);
  }

  private async assertUserExists(userId: string): Promise<void> {
    await this.users.get(userId).catch((error: unknown) => {
      throw error instanceof UserNotFoundError ? new InvalidRefreshTokenError(true) : error;
    });
  }
}
