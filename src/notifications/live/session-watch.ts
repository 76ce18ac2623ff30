import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AccessTokenExpiredError, InvalidAccessTokenError, TokenService } from '../../tokens/index.js';
import { UserNotFoundError, UsersService } from '../../users/index.js';
import type { LiveConnection } from './live-connection.js';
import { LiveConnections } from './live-connections.js';

/** Below five seconds together with a round, which takes 0.2 s for five thousand connections. */
const CHECK_INTERVAL_MS = 3_000;
const RETRY_MS = 500;
const CHECKED_AT_ONCE = 100;
/** Nobody can say for longer than this that a session is alive: then it is not taken to be. */
const TRUST_MS = 5_000;
/** Errors that say for certain that a connection has lost its right to stay. */
const ENDS = [AccessTokenExpiredError, InvalidAccessTokenError, UserNotFoundError];

/**
 * Ends connections whose session has ended, at most five seconds later: by logout, on another device, by withdrawal, or
 * since the access token has expired. Asks about all of them every three seconds, as each request would, instead of
 * waiting to be told: a message that is lost would leave a connection open.
 */
@Injectable()
export class SessionWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly checkedAt = new WeakMap<LiveConnection, number>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly connections: LiveConnections,
    private readonly tokens: TokenService,
    private readonly users: UsersService,
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

  /** @returns whether all could be asked about */
  private async checkAll(): Promise<boolean> {
    const all = this.connections.all();
    let asked = true;
    while (all.length > 0) {
      const verdicts = await Promise.all(all.splice(0, CHECKED_AT_ONCE).map((each) => this.check(each)));
      asked &&= verdicts.every(Boolean);
    }
    return asked;
  }

  private async check(connection: LiveConnection): Promise<boolean> {
    const startedAt = performance.now();
    const verdict = await this.isSessionValid(connection);
    const checkedAt = this.checkedAt.get(connection) ?? startedAt;
    if (verdict === 'yes') this.checkedAt.set(connection, startedAt);
    else if (verdict === 'unknown') this.checkedAt.set(connection, checkedAt);
    const isTrusted = verdict === 'yes' || (verdict === 'unknown' && startedAt - checkedAt <= TRUST_MS);
    if (!isTrusted) connection.end('session-ended');
    return verdict !== 'unknown';
  }

  private async isSessionValid({ user }: LiveConnection): Promise<'yes' | 'no' | 'unknown'> {
    try {
      const { id: userId, sessionId, jti, issuedAt: issuedAtS, expiresAt: expiresAtS } = user;
      await this.tokens.check({ userId, sessionId, jti, issuedAtS, expiresAtS });
      // What admins are told is for nobody who is no longer one.
      const { role } = user.role === 'admin' ? await this.users.getPermissions(user.id) : user;
      return role === user.role ? 'yes' : 'no';
    } catch (error) {
      return ENDS.some((end) => error instanceof end) ? 'no' : 'unknown';
    }
  }
}
