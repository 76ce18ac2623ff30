import { Injectable } from '@nestjs/common';
import { InvalidRefreshTokenError, TokenService, type TokenPair } from '../tokens/index.js';
import { UserNotFoundError, UsersService, type Credentials, type User } from '../users/index.js';
import { InvalidCredentialsError } from './auth.errors.js';
import { LoginThrottle } from './login-throttle.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordPolicy } from './passwords/password-policy.js';

/** Opens accounts and sessions, and ends the caller's own. */
@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: TokenService,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly throttle: LoginThrottle,
  ) {}

  /** @throws EmailTakenError, NicknameTakenError, PasswordTooGuessableError */
  async signUp(account: { email: string; nickname: string; password: string }): Promise<User> {
    const { email, nickname, password } = account;
    this.policy.check(password, { email, nickname });
    return this.users.register({ email, nickname, passwordHash: await this.hasher.hash(password) });
  }

  /**
   * Opens a session for who knows the password.
   * @param address of the client
   * @throws InvalidCredentialsError, RateLimitedError
   */
  async logIn(
    login: { email: string; password: string; device?: string },
    address: string | undefined,
  ): Promise<TokenPair> {
    const { email, password } = login;
    const user = await this.throttle.login(email, address, () => this.prove(email, password));
    const pair = await this.users.whileUnchanged(user, () => this.tokens.open(user.id, login.device));
    if (pair === null) throw new InvalidCredentialsError();
    return pair;
  }

  /** @throws InvalidRefreshTokenError */
  async reissue(refreshToken: string | undefined): Promise<TokenPair> {
    return this.tokens.rotate(refreshToken, (userId) => this.admit(userId));
  }

  /**
   * Ends one session: that of the access token, else that of the refresh token.
   * @throws AccessTokenMissingError, InvalidAccessTokenError, InvalidRefreshTokenError when no token of ours was sent
   */
  async logOut(sent: Parameters<TokenService['logOut']>[0]): Promise<void> {
    await this.tokens.logOut(sent);
  }

  /** An unknown address costs the same time as a wrong password. */
  private async prove(email: string, password: string): Promise<Credentials> {
    const user = await this.users.findByEmail(email);
    const matches = await this.hasher.verify(user?.passwordHash ?? null, password);
    if (user === null || !matches) throw new InvalidCredentialsError();
    return user;
  }

  private async admit(userId: string): Promise<void> {
    await this.users.get(userId).catch((error: unknown) => {
      throw error instanceof UserNotFoundError ? new InvalidRefreshTokenError(true) : error;
    });
  }
}
