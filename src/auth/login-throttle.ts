import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { clientNetwork, FailureDelay, RateLimitedError, type Attempt, type DelayRule } from '../rate-limit/index.js';
import { InvalidCredentialsError } from './auth.errors.js';
import { DeviceTokens } from './devices/device-tokens.js';

const MINUTE_MS = 60_000;
/** No login takes ten seconds, not even on a bad day. */
const BOTH = { firstMs: 1_000, attemptTimeoutMs: 10_000 };
/**
 * A person mistypes a few times. Nobody is locked out for longer than somebody keeps guessing; but whoever does so from
 * many networks, without a pause, takes nearly every turn. The owner then signs in on a device that has done so before.
 */
const ACCOUNT: DelayRule = { ...BOTH, freeFailures: 5, maxConcurrent: 30, maxMs: 60_000, decayMs: 12 * MINUTE_MS };
/** Many people may share an address, at a school or behind a mobile network: some of them always mistype. */
const ADDRESS: DelayRule = { ...BOTH, freeFailures: 20, maxConcurrent: 100, maxMs: 300_000, decayMs: 3 * MINUTE_MS };

/**
 * All devices that have signed in to one account before. Whoever once knew the password may have made himself many
 * tokens: they do not give him more guesses.
 */
const DEVICES: DelayRule = { ...ACCOUNT, freeFailures: 20, maxConcurrent: 100 };

/** What is counted under which rule. */
type Limit = readonly [name: string, subject: string, rule: DelayRule];

/** Who tries to log in, and from where. */
export interface LoginAttempt {
  readonly email: string;
  readonly address: string | undefined;
  /** What the client sent as its device token. */
  readonly deviceToken: string | undefined;
}

/**
 * Slows down guessing, for one account and from one address, whether or not the account exists. A device that has
 * signed in to the account before is counted apart: neither strangers nor its neighbours keep it from signing in.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly delay: FailureDelay,
    private readonly devices: DeviceTokens,
  ) {}

  /**
   * Runs `prove`, which tells by InvalidCredentialsError that the guess was wrong; any other error does not count.
   * @returns what `prove` did, and the token by which the device is known from now on
   * @throws RateLimitedError
   */
  async login<T>(attempt: LoginAttempt, prove: () => Promise<T>): Promise<{ proof: T; deviceToken: string }> {
    // Hashed, so that Redis holds no list of who tries to log in.
    const account = createHash('sha256').update(attempt.email.toLowerCase()).digest('base64url');
    const device = this.devices.deviceOf(attempt.deviceToken, account);
    const limits: readonly [Limit, Limit] =
      device === null
        ? [['login-account', account, ACCOUNT], ['login-address', clientNetwork(attempt.address), ADDRESS]]
        : [['login-device', device, ACCOUNT], ['login-devices', account, DEVICES]];
    const proof = await runAttempt(prove, await this.begin(...limits));
    return { proof, deviceToken: this.devices.issue(account, device) };
  }

  /** The same for a signed-in user who has to prove to know the password. @throws RateLimitedError */
  async passwordCheck<T>(userId: string, prove: () => Promise<T>): Promise<T> {
    return runAttempt(prove, await this.delay.begin('password-check', userId, ACCOUNT));
  }

  /** Begins an attempt that counts under both limits, or under neither. */
  private async begin(own: Limit, shared: Limit): Promise<Attempt> {
    const one = await this.delay.begin(...own);
    const other = await this.delay.begin(...shared).catch(cancelOnLimit(one));
    return {
      fail: () => all(one.fail(), other.fail()),
      // A good login says nothing about the others that come from the same address, or as the same account.
      succeed: () => all(one.succeed(), other.cancel()),
      cancel: () => all(one.cancel(), other.cancel()),
    };
  }
}

async function runAttempt<T>(prove: () => Promise<T>, attempt: Attempt): Promise<T> {
  const proof = await prove().catch(async (error: unknown) => {
    if (error instanceof InvalidCredentialsError) await attempt.fail();
    else await attempt.cancel().catch(() => undefined);
    throw error;
  });
  await attempt.succeed();
  return proof;
}

function cancelOnLimit(attempt: Attempt) {
  return async (error: unknown): Promise<never> => {
    // Any other error says that Redis is away: asking it again would only make the caller wait longer.
    if (error instanceof RateLimitedError) await attempt.cancel();
    throw error;
  };
}

async function all(...steps: Promise<void>[]): Promise<void> {
  await Promise.all(steps);
}
