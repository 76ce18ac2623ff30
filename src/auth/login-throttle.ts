import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { clientNetwork, FailureDelay, type DelayRule } from '../rate-limit/index.js';

const HOUR_MS = 3_600_000;
/** A person mistypes a few times. The longest delay is short: a stranger can slow the owner down, not lock them out. */
const ACCOUNT: DelayRule = { free: 5, firstMs: 1_000, maxMs: 60_000, forgetMs: HOUR_MS };
/** Many people may share an address, at a school or behind a mobile network. */
const ADDRESS: DelayRule = { free: 20, firstMs: 1_000, maxMs: 300_000, forgetMs: HOUR_MS };

/** An attempt to prove who one is; counts as failed until it says otherwise. */
export interface GuessedAttempt {
  /** The password was right. */
  succeeded(): Promise<void>;
  /** Nobody can say whether it was: something of ours failed. */
  undecided(): Promise<void>;
}

/** Slows down guessing, for one account and from one address, whether or not the account exists. */
@Injectable()
export class LoginThrottle {
  constructor(private readonly delay: FailureDelay) {}

  /** @throws RateLimitedError */
  async beginLogin(email: string, address: string): Promise<GuessedAttempt> {
    // Hashed, so that Redis holds no list of who tries to log in.
    const account = createHash('sha256').update(email.toLowerCase()).digest('base64url');
    const ofAccount = await this.delay.begin('login-account', account, ACCOUNT);
    const network = clientNetwork(address);
    const ofAddress = await this.delay.begin('login-address', network, ADDRESS).catch(async (error: unknown) => {
      await ofAccount.takeBack();
      throw error;
    });
    return {
      succeeded: async () => {
        await Promise.all([ofAccount.forgive(), ofAddress.takeBack()]);
      },
      undecided: async () => {
        await Promise.all([ofAccount.takeBack(), ofAddress.takeBack()]);
      },
    };
  }

  /** For who is signed in and proves to know the password. @throws RateLimitedError */
  async beginPasswordCheck(userId: string): Promise<GuessedAttempt> {
    const attempt = await this.delay.begin('password-check', userId, ACCOUNT);
    return { succeeded: () => attempt.forgive(), undecided: () => attempt.takeBack() };
  }
}
