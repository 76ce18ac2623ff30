import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { clientNetwork, FailureDelay, RateLimitedError, type Attempt, type DelayRule } from '../rate-limit/index.js';
import { InvalidCredentialsError } from './auth.errors.js';
import { DeviceTokens } from './devices/device-tokens.js';

const MINUTE_MS = 60_000;
/** Settings common to all rules. Attempts time out after ten seconds: no login takes as long, even in an outage. */
const COMMON = { firstMs: 1_000, attemptTimeoutMs: 10_000 };
/**
 * Rule per account: a few free failures for typing errors. A delay ends soon after the guessing does; but continuous
 * guessing from many networks uses up nearly every attempt. The owner can then log in only on a known device, which has
 * its own rule.
 */
const ACCOUNT: DelayRule = { ...COMMON, freeFailures: 5, maxConcurrent: 30, maxMs: 60_000, decayMs: 12 * MINUTE_MS };
/** Rule per address. Many people may share one (a school, a mobile network), so typing errors are frequent. */
const ADDRESS: DelayRule = { ...COMMON, freeFailures: 20, maxConcurrent: 100, maxMs: 300_000, decayMs: 3 * MINUTE_MS };

/**
 * Rule shared by all known devices of one account: an attacker who once knew the password and created many device
 * tokens gets no more guesses from them.
 */
const DEVICES: DelayRule = { ...ACCOUNT, freeFailures: 20, maxConcurrent: 100 };

/** A counter (`name`, `subject`) and its rule. */
type Limit = readonly [name: string, subject: string, rule: DelayRule];

/** Account, address and device of a login attempt. */
export interface LoginAttempt {
  readonly email: string;
  readonly address: string | undefined;
  /** Device token sent by the client, unverified. */
  readonly deviceToken: string | undefined;
}

/**
 * Throttles password guessing per account and per address, whether or not the account exists. A known device, one that
 * has logged in to the account before, has separate counters: failures of other clients do not block it.
 */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly delay: FailureDelay,
    private readonly devices: DeviceTokens,
  ) {}

  /**
   * Runs `verify` as one throttled attempt. An InvalidCredentialsError counts as a failure; any other error does not.
   * @returns the result of `verify`, and the device token to present at the next login
   * @throws RateLimitedError
   */
  async login<T>(attempt: LoginAttempt, verify: () => Promise<T>): Promise<{ result: T; deviceToken: string }> {
    // Hashed, so that Redis stores no list of attempted e-mail addresses.
    const account = createHash('sha256').update(attempt.email.toLowerCase()).digest('base64url');
    const device = this.devices.deviceOf(attempt.deviceToken, account);
    const limits: readonly [Limit, Limit] =
      device === null
        ? [['login-account', account, ACCOUNT], ['login-address', clientNetwork(attempt.address), ADDRESS]]
        : [['login-device', device, ACCOUNT], ['login-devices', account, DEVICES]];
    const result = await runAttempt(verify, await this.begin(...limits));
    return { result, deviceToken: this.devices.issue(account, device) };
  }

  /** Throttles a password check of a signed-in user in the same way. @throws RateLimitedError */
  async passwordCheck<T>(userId: string, verify: () => Promise<T>): Promise<T> {
    return runAttempt(verify, await this.delay.begin('password-check', userId, ACCOUNT));
  }

  /** Begins an attempt that is counted under both limits, or under neither. */
  private async begin(own: Limit, shared: Limit): Promise<Attempt> {
    const one = await this.delay.begin(...own);
    const other = await this.delay.begin(...shared).catch(cancelOnLimit(one));
    return {
      fail: () => all(one.fail(), other.fail()),
      // A successful login does not reset the failures of other clients of the same address or account.
      succeed: () => all(one.succeed(), other.cancel()),
      cancel: () => all(one.cancel(), other.cancel()),
    };
  }
}

async function runAttempt<T>(verify: () => Promise<T>, attempt: Attempt): Promise<T> {
  const result = await verify().catch(async (error: unknown) => {
    if (error instanceof InvalidCredentialsError) await attempt.fail();
    else await attempt.cancel().catch(() => undefined);
    throw error;
  });
  await attempt.succeed();
  return result;
}

function cancelOnLimit(attempt: Attempt) {
  return async (error: unknown): Promise<never> => {
    // Any other error means that Redis is unavailable: another command would only make the caller wait longer.
    if (error instanceof RateLimitedError) await attempt.cancel();
    throw error;
  };
}

async function all(...steps: Promise<void>[]): Promise<void> {
  await Promise.all(steps);
}
