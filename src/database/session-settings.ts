import pg from 'pg';

/**
 * Session settings on which this service and the driver rely to parse what PostgreSQL sends; a database or a role may
 * have others. They are sent as startup parameters, which take precedence over those. A pooler such as PgBouncer
 * applies them to the connection that it assigns to a transaction.
 */
const REQUIRED_SETTINGS = { DateStyle: 'ISO, MDY', TimeZone: 'UTC', standard_conforming_strings: 'on' } as const;
/** Likewise, but PgBouncer may refuse them; the defaults of the database apply then. */
const OPTIONAL_SETTINGS = { IntervalStyle: 'postgres', extra_float_digits: '1', bytea_output: 'hex' } as const;

/**
 * Timeouts, which a pooler may refuse. Other parameters of `DATABASE_URL`, such as `options`, are required: if they are
 * refused, the application does not start.
 */
const TIMEOUTS: readonly string[] = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

/** Options of a client of a `SessionPool`. */
export interface SessionConfig extends pg.PoolConfig {
  /** Whether a pooler has refused startup parameters. */
  refusesSettings?: boolean;
}

/** A client whose session has the settings on which the driver relies, whatever those of the database and the role. */
export class SessionClient extends pg.Client {
  constructor(config: SessionConfig) {
    super(config);
    const client = this as unknown as { getStartupConf: () => Record<string, string> };
    const startupConf = client.getStartupConf.bind(client);
    client.getStartupConf = () => {
      const conf: Record<string, string> = { ...startupConf(), ...REQUIRED_SETTINGS };
      if (config.refusesSettings !== true) return { ...conf, ...OPTIONAL_SETTINGS };
      return Object.fromEntries(Object.entries(conf).filter(([name]) => !TIMEOUTS.includes(name)));
    };
  }
}

/** Callback of pg; `callbackOrPromise` adapts it to a promise. */
export type PgCallback = (error: Error | null | undefined, ...result: readonly unknown[]) => void;

/**
 * A pool that connects without the optional startup parameters once a pooler has refused them: the statement timeouts
 * of the pooler apply then.
 */
export class SessionPool extends pg.Pool {
  constructor(config: SessionConfig) {
    super(config);
    const options = this.options as SessionConfig;
    replaceConnect(this, (connect, settle) => {
      this.connectOnce(connect, (error, ...rest) => {
        if (!error || !isRefusal(error)) {
          settle(error, ...rest);
          return;
        }
        options.refusesSettings = true;
        this.connectOnce(connect, settle);
      });
    });
  }

  /** One attempt: the callback is passed to pg-pool itself. */
  protected connectOnce(connect: (callback: PgCallback) => void, settle: PgCallback): void {
    connect(settle);
  }
}

/** Replaces `connect` of a client or a pool, for callers with a callback and for those that await a promise. */
export function replaceConnect(
  target: pg.Client | pg.Pool,
  work: (connect: (callback: PgCallback) => void, settle: PgCallback) => void,
): void {
  const connect = target.connect.bind(target) as (callback: PgCallback) => void;
  const replacement = (callback?: PgCallback) => callbackOrPromise(callback, (settle) => work(connect, settle));
  Object.assign(target, { connect: replacement });
}

/** Runs callback-style work: passes the result to the callback given, or returns a promise if there is none. */
export function callbackOrPromise(
  callback: PgCallback | undefined,
  work: (callback: PgCallback) => void,
): Promise<unknown> | undefined {
  if (callback !== undefined) {
    work(callback);
    return undefined;
  }
  return new Promise((resolve, reject) => {
    work((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** PgBouncer has the same SQLSTATE, 08P01, for all its errors: only their text distinguishes them. */
function isRefusal(error: Error): boolean {
  return error.message.includes('unsupported startup parameter');
}
