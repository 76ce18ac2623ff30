import { Injectable } from '@nestjs/common';
import type { AuthUser } from '../../common/index.js';
import { SessionStore } from '../../tokens/index.js';
import { UsersService, type Credentials } from '../../users/index.js';
import { InvalidCredentialsError } from '../auth.errors.js';
import { LoginThrottle } from '../login-throttle.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordPolicy } from './password-policy.js';

/** Changes passwords, and confirms the password of a signed-in user. */
@Injectable()
export class PasswordService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionStore,
    private readonly hasher: PasswordHasher,
    private readonly policy: PasswordPolicy,
    private readonly throttle: LoginThrottle,
  ) {}

  /**
   * Verifies the password of a signed-in user, throttled.
   * @throws InvalidCredentialsError, RateLimitedError
   */
  async confirm({ id, passwordHash }: Credentials, password: string): Promise<void> {
    await this.throttle.passwordCheck(id, async () => {
      if (!(await this.hasher.verify(passwordHash, password))) throw new InvalidCredentialsError();
    });
  }

  /**
   * Changes the caller's password and ends their other sessions, atomically.
   * @throws InvalidCredentialsError when `current` is wrong; WeakPasswordError, RateLimitedError
   */
  async change(caller: AuthUser, current: string, next: string): Promise<void> {
    const user = await this.users.get(caller.userId);
    this.policy.check(next, user, 'newPassword');
    await this.confirm(user, current);
    const replaced = await this.users.replacePassword(user, await this.hasher.hash(next), () =>
      this.sessions.endOthers(user.id, caller.sessionId),
    );
    if (!replaced) throw new InvalidCredentialsError();
  }
}
