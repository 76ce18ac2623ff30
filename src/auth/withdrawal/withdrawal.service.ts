import { Injectable } from '@nestjs/common';
import type { AuthUser } from '../../common/index.js';
import { TokenService } from '../../tokens/index.js';
import { UsersService } from '../../users/index.js';
import { ReauthenticationRequiredError } from '../auth.errors.js';
import { PasswordService } from '../passwords/password.service.js';

/** For this long after a login nobody is asked for the password again. */
const RECENT_LOGIN_MS = 5 * 60_000;

/** Lets users close their accounts; a stolen access token alone is not enough. */
@Injectable()
export class WithdrawalService {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: TokenService,
    private readonly passwords: PasswordService,
  ) {}

  /**
   * Closes the caller's account.
   * @param password not needed shortly after the login that began the caller's session
   * @throws InvalidCredentialsError, ReauthenticationRequiredError, RateLimitedError, UserNotFoundError
   */
  async withdraw(caller: AuthUser, password: string | undefined): Promise<void> {
    if (password === undefined) await this.requireRecentLogin(caller);
    else await this.passwords.confirm(await this.users.get(caller.id), password);
    await this.users.withdraw(caller.id);
  }

  private async requireRecentLogin({ id, sessionId }: AuthUser): Promise<void> {
    const ageMs = await this.tokens.sessionAgeMs(id, sessionId);
    if (ageMs > RECENT_LOGIN_MS) throw new ReauthenticationRequiredError();
  }
}
