import type { Socket } from 'node:net';
import { TimeLimit } from '../common/index.js';
import { SessionClient, SessionPool, type SessionConfig } from './session-settings.js';

/**
 * How long PostgreSQL is waited for, in milliseconds, as time limits: pg's own are plain timers, by which a process that
 * was busy takes an answer that lies in its socket for one that never came.
 */
export interface PostgresLimits {
  /** For a connection, a new one or one of the pool. */
  readonly connectMs: number;
  /** For the answer to a statement. */
  readonly queryMs: number;
}

/** What a pool and its clients are made with. */
export interface LimitedConfig extends SessionConfig {
  readonly limits: PostgresLimits;
}

/** How it ends; callbacks and promises meet here. */
type Answered = (error: Error | null | undefined, ...result: readonly unknown[]) => void;

const NO_CONNECTION = 'timeout exceeded when trying to connect';

/**
 * A connection that is closed once one of its statements has had no answer in time. Left open it would be given to the
 * next caller, although the statement may still be carried out: a late `START TRANSACTION` would swallow the caller's
 * writes, which nobody commits.
 */
export class PostgresClient extends SessionClient {
  constructor(config: LimitedConfig) {
    super(config);
    const { limits } = config;
    const connect = this.connect.bind(this) as (answered: Answered) => void;
    this.connect = ((answered?: Answered) =>
      answering(answered, (told) => this.connectWithin(limits.connectMs, connect, told))) as typeof this.connect;
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const answered = typeof args.at(-1) === 'function' ? (args.pop() as Answered) : undefined;
      return answering(answered, (told) => this.queryWithin(limits.queryMs, (first) => query(...args, first), told));
    }) as typeof this.query;
  }

  private connectWithin(ms: number, connect: (answered: Answered) => void, told: Answered): void {
    const { stream } = (this as unknown as { readonly connection: { readonly stream: Socket } }).connection;
    const limit = new TimeLimit(ms, () => stream.destroy(new Error(NO_CONNECTION)));
    connect((error) => {
      limit.cancel();
      told(error);
    });
  }

  private queryWithin(ms: number, query: (answered: Answered) => unknown, told: Answered): void {
    let isTold = false;
    const first: Answered = (error, result) => {
      limit.cancel();
      if (!isTold) told(error, result);
      isTold = true;
    };
    const limit = new TimeLimit(ms, () => {
      first(new Error('Query read timeout'));
      void this.end().catch(() => undefined);
    });
    query(first);
  }
}

/** Connections that are waited for within a time limit. */
export class PostgresPool extends SessionPool {
  constructor(config: LimitedConfig) {
    super(config);
    const connect = this.connect.bind(this) as (answered: Answered) => void;
    this.connect = ((answered?: Answered) =>
      answering(answered, (told) => this.connectWithin(config.limits.connectMs, connect, told))) as typeof this.connect;
  }

  /** Whoever has given up no longer waits in line: during an outage every place in it would cost a try to connect. */
  private connectWithin(ms: number, connect: (answered: Answered) => void, told: Answered): void {
    let isLate = false;
    const first: Answered = (error, client, release) => {
      limit.cancel();
      if (!isLate) told(error, client, release);
      else if (typeof release === 'function') release();
    };
    const limit = new TimeLimit(ms, () => {
      isLate = true;
      const line = this as unknown as { _pendingQueue: readonly { readonly callback: unknown }[] };
      line._pendingQueue = line._pendingQueue.filter(({ callback }) => callback !== first);
      told(new Error(NO_CONNECTION));
    });
    connect(first);
  }
}

/** Does work that answers by a callback for who has given one, and for a promise otherwise. */
function answering(answered: Answered | undefined, work: (answered: Answered) => void): Promise<unknown> | undefined {
  if (answered !== undefined) {
    work(answered);
    return undefined;
  }
  return new Promise((resolve, reject) => {
    work((error, result) => (error ? reject(error) : resolve(result)));
  });
}
