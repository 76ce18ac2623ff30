import type { Socket } from 'node:net';
import { TimeLimit, UnavailableError } from '../common/index.js';
import {
  callbackOrPromise, replaceConnect, SessionClient, SessionPool, type PgCallback, type SessionConfig,
} from './session-settings.js';

/**
 * Time limits for PostgreSQL, in milliseconds. Those of pg are plain timers: in a busy process they expire although the
 * reply has already arrived in the socket.
 */
export interface PostgresLimits {
  /** For a connection, new or from the pool. */
  readonly connectMs: number;
  /** For the result of a statement. */
  readonly queryMs: number;
}

/** Options of a pool and its clients. */
export interface LimitedConfig extends SessionConfig {
  readonly limits: PostgresLimits;
}

/** SQLSTATE of a write on a server that accepts none, such as a standby. */
const READ_ONLY = '25006';

/** PostgreSQL did not reply within one of the limits. */
class PostgresTimeoutError extends UnavailableError {
  constructor(what: string, ms: number) {
    super(`${what} within ${ms} ms`);
  }
}

/**
 * A client that closes its connection when one of its statements times out. Left open it would be assigned to the next
 * caller, although the statement may still be executed: a late `START TRANSACTION` would include the caller's writes in
 * a transaction that is never committed. It also closes the connection when the server accepts no writes: after a
 * failover the same address may lead to the new primary.
 */
export class PostgresClient extends SessionClient {
  constructor(config: LimitedConfig) {
    super(config);
    const { limits } = config;
    replaceConnect(this, (connect, settle) => this.connectWithin(limits.connectMs, connect, settle));
    const query = this.query.bind(this) as unknown as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const callback = typeof args.at(-1) === 'function' ? (args.pop() as PgCallback) : undefined;
      const send = (onResult: PgCallback) => query(...args, onResult);
      return callbackOrPromise(callback, (settle) => this.queryWithin(limits.queryMs, send, settle));
    }) as typeof this.query;
  }

  private connectWithin(ms: number, connect: (callback: PgCallback) => void, settle: PgCallback): void {
    const { stream } = (this as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    const limit = new TimeLimit(ms, () => stream.destroy(new PostgresTimeoutError('no connection', ms)));
    connect((error) => {
      limit.cancel();
      settle(error);
    });
  }

  private queryWithin(ms: number, query: (callback: PgCallback) => unknown, settle: PgCallback): void {
    let isSettled = false;
    const settleOnce: PgCallback = (error, result) => {
      limit.cancel();
      if (!isSettled) settle(error, result);
      isSettled = true;
      if ((error as { readonly code?: unknown } | null)?.code === READ_ONLY) void this.end().catch(() => undefined);
    };
    const limit = new TimeLimit(ms, () => {
      settleOnce(new PostgresTimeoutError('no result', ms));
      void this.end().catch(() => undefined);
    });
    query(settleOnce);
  }
}

/** A pool in which attempts to obtain a connection fail after `connectMs`. */
export class PostgresPool extends SessionPool {
  /** Removes a caller that timed out from the queue of pg-pool, which would serve it after the outage. */
  protected override connectOnce(connect: (callback: PgCallback) => void, settle: PgCallback): void {
    const { limits } = this.options as unknown as LimitedConfig;
    let isLate = false;
    const onConnected: PgCallback = (error, client, release) => {
      limit.cancel();
      if (!isLate) settle(error, client, release);
      else (release as (() => void) | undefined)?.();
    };
    const limit = new TimeLimit(limits.connectMs, () => {
      isLate = true;
      const { _pendingQueue: queue } = this as unknown as { _pendingQueue: { readonly callback: unknown }[] };
      const position = queue.findIndex(({ callback }) => callback === onConnected);
      if (position >= 0) queue.splice(position, 1);
      settle(new PostgresTimeoutError('no connection', limits.connectMs));
    });
    connect(onConnected);
  }
}
