import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AccessTokenVerifier } from '../../auth/index.js';
import { AccessTokenExpiredError, InvalidAccessTokenError } from '../../tokens/index.js';
import type { LiveConnection } from './live-connection.js';
import { LiveConnections } from './live-connections.js';

/** Check interval; plus the check itself (0.2 s for 5,000 connections) it stays below five seconds. */
const CHECK_INTERVAL_MS = 3_000;
const RETRY_MS = 500;
const BATCH_SIZE = 100;
/** Maximum time a session counts as valid while it cannot be checked. */
const UNCHECKED_GRACE_MS = 5_000;
/** Errors that prove that a session is no longer valid; any other error leaves it unknown. */
const SESSION_ENDED_ERRORS = [AccessTokenExpiredError, InvalidAccessTokenError];

/**
 * Closes connections at most five seconds after their session has ended: by logout, on another device, by deletion of
 * the account, or by expiration of the access token. Polls all sessions every three seconds, with the checks of a
 * request, instead of subscribing to messages: a lost message would leave a connection open.
 */
@Injectable()
export class SessionWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly checkedAt = new WeakMap<LiveConnection, number>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly connections: LiveConnections,
    private readonly verifier: AccessTokenVerifier,
  ) {}

  onApplicationBootstrap(): void {
    void this.watch(this.stopping.signal);
  }

  beforeApplicationShutdown(): void {
    this.stopping.abort();
  }

  private async watch(signal: AbortSignal): Promise<void> {
    for (let pauseMs = CHECK_INTERVAL_MS; !signal.aborted; ) {
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
      pauseMs = (await this.checkAll()) ? CHECK_INTERVAL_MS : RETRY_MS;
    }
  }

  /** @returns whether every session could be checked */
  private async checkAll(): Promise<boolean> {
    const all = this.connections.all();
    let allChecked = true;
    while (all.length > 0) {
      const results = await Promise.all(all.splice(0, BATCH_SIZE).map((each) => this.check(each)));
      allChecked &&= results.every(Boolean);
    }
    return allChecked;
  }

  private async check(connection: LiveConnection): Promise<boolean> {
    const startedAt = performance.now();
    const state = await this.stateOf(connection);
    const checkedAt = this.checkedAt.get(connection) ?? startedAt;
    if (state === 'valid') this.checkedAt.set(connection, startedAt);
    else if (state === 'unknown') this.checkedAt.set(connection, checkedAt);
    const mayStay = state === 'valid' || (state === 'unknown' && startedAt - checkedAt <= UNCHECKED_GRACE_MS);
    if (!mayStay) connection.end('session-ended');
    return state !== 'unknown';
  }

  private async stateOf({ user }: LiveConnection): Promise<'valid' | 'ended' | 'unknown'> {
    try {
      await this.verifier.reauthorize(user);
      return 'valid';
    } catch (error) {
      return SESSION_ENDED_ERRORS.some((type) => error instanceof type) ? 'ended' : 'unknown';
    }
  }
}
