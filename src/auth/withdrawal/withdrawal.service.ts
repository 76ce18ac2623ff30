import { Injectable } from '@nestjs/common';
import type { AuthUser } from '../../common/index.js';
import { SessionStore } from '../../tokens/index.js';
import { UsersService } from '../../users/index.js';
import { ReauthenticationRequiredError } from '../auth.errors.js';
import { PasswordService } from '../passwords/password.service.js';

/** Period after a login in which no password is required (5 minutes). */
const RECENT_LOGIN_MS = 5 * 60_000;

/** Closes accounts; a stolen access token alone is not sufficient. */
@Injectable()
export class WithdrawalService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionStore,
    private readonly passwords: PasswordService,
  ) {}

  /**
   * Closes the caller's account.
   * @param password not required within 5 minutes of the login that began the caller's session
   * @throws InvalidCredentialsError, ReauthenticationRequiredError, RateLimitedError, UserNotFoundError
   */
  async withdraw(caller: AuthUser, password: string | undefined): Promise<void> {
    if (password === undefined) await this.requireRecentLogin(caller);
    else await this.passwords.confirm(await this.users.get(caller.userId), password);
    await this.users.withdraw(caller.userId);
  }

  private async requireRecentLogin({ userId, sessionId }: AuthUser): Promise<void> {
    const ageMs = await this.sessions.ageMs(userId, sessionId);
    if (ageMs > RECENT_LOGIN_MS) throw new ReauthenticationRequiredError();
  }
}
