import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { clientNetwork, FailureDelay, RateLimitedError, type Attempt, type DelayRule } from '../rate-limit/index.js';
import { InvalidCredentialsError } from './auth.errors.js';

const MINUTE_MS = 60_000;
/** No login takes ten seconds, not even on a bad day. */
const BOTH = { firstMs: 1_000, lostAfterMs: 10_000 };
/**
 * A person mistypes a few times. Nobody is locked out for longer than somebody keeps guessing; but whoever does so from
 * many networks, without a pause, takes nearly every turn, and the owner hardly gets one meanwhile.
 */
const ACCOUNT: DelayRule = { ...BOTH, free: 5, burst: 30, maxMs: 60_000, fadeMs: 12 * MINUTE_MS };
/** Many people may share an address, at a school or behind a mobile network: some of them always mistype. */
const ADDRESS: DelayRule = { ...BOTH, free: 20, burst: 100, maxMs: 300_000, fadeMs: 3 * MINUTE_MS };

/** Slows down guessing, for one account and from one address, whether or not the account exists. */
@Injectable()
export class LoginThrottle {
  constructor(private readonly delay: FailureDelay) {}

  /**
   * Runs `prove`, which tells by InvalidCredentialsError that the guess was wrong; any other error does not count.
   * @throws RateLimitedError
   */
  async login<T>(email: string, address: string | undefined, prove: () => Promise<T>): Promise<T> {
    // Hashed, so that Redis holds no list of who tries to log in.
    const account = createHash('sha256').update(email.toLowerCase()).digest('base64url');
    const ofAccount = await this.delay.begin('login-account', account, ACCOUNT);
    const network = clientNetwork(address);
    const ofAddress = await this.delay.begin('login-address', network, ADDRESS).catch(uncount(ofAccount));
    return settle(prove, {
      failed: () => all(ofAccount.failed(), ofAddress.failed()),
      // A good login says nothing about the others that come from the same address.
      forgive: () => all(ofAccount.forgive(), ofAddress.takeBack()),
      takeBack: () => all(ofAccount.takeBack(), ofAddress.takeBack()),
    });
  }

  /** The same for a signed-in user who has to prove to know the password. @throws RateLimitedError */
  async passwordCheck<T>(userId: string, prove: () => Promise<T>): Promise<T> {
    return settle(prove, await this.delay.begin('password-check', userId, ACCOUNT));
  }
}

async function settle<T>(prove: () => Promise<T>, attempt: Attempt): Promise<T> {
  const proof = await prove().catch(async (error: unknown) => {
    if (error instanceof InvalidCredentialsError) await attempt.failed();
    else await attempt.takeBack().catch(() => undefined);
    throw error;
  });
  await attempt.forgive();
  return proof;
}

function uncount(attempt: Attempt) {
  return async (error: unknown): Promise<never> => {
    // Any other error says that Redis is away: asking it again would only make the caller wait longer.
    if (error instanceof RateLimitedError) await attempt.takeBack();
    throw error;
  };
}

async function all(...steps: Promise<void>[]): Promise<void> {
  await Promise.all(steps);
}
