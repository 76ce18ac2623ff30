import pg from 'pg';

/**
 * Session settings on which this service and the driver rely to parse what PostgreSQL sends; a database or a role may
 * have others. They are sent as startup parameters, which take precedence over those. A pooler such as PgBouncer
 * applies them to the connection that it assigns to a transaction.
 */
const ALWAYS = { DateStyle: 'ISO, MDY', TimeZone: 'UTC', standard_conforming_strings: 'on' } as const;
/** Likewise, but PgBouncer may refuse them; the defaults of the database apply then. */
const WHERE_ACCEPTED = { IntervalStyle: 'postgres', extra_float_digits: '1', bytea_output: 'hex' } as const;

/**
 * Timeouts, which a pooler may refuse. Other parameters of `DATABASE_URL`, such as `options`, are required: if they are
 * refused, the application does not start.
 */
const TIMEOUTS: readonly string[] = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

/** Options of a client of a `SessionPool`. */
export interface SessionConfig extends pg.PoolConfig {
  /** Whether a pooler has refused startup parameters. */
  isPooled?: boolean;
}

/** A client whose session has the settings on which the driver relies, whatever those of the database and the role. */
export class SessionClient extends pg.Client {
  constructor(config: SessionConfig) {
    super(config);
    const client = this as unknown as { getStartupConf: () => Record<string, string> };
    const startupConf = client.getStartupConf.bind(client);
    client.getStartupConf = () => {
      const conf: Record<string, string> = { ...startupConf(), ...ALWAYS };
      if (config.isPooled !== true) return { ...conf, ...WHERE_ACCEPTED };
      return Object.fromEntries(Object.entries(conf).filter(([name]) => !TIMEOUTS.includes(name)));
    };
  }
}

/** Callback of pg; `answering` adapts it to a promise. */
export type Answered = (error: Error | null | undefined, ...result: readonly unknown[]) => void;

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
        options.isPooled = true;
        this.connectOnce(connect, settle);
      });
    });
  }

  /** One attempt: the callback is passed to pg-pool itself. */
  protected connectOnce(connect: (answered: Answered) => void, settle: Answered): void {
    connect(settle);
  }
}

/** Replaces `connect` of a client or a pool, for callers with a callback and for those that await a promise. */
export function replaceConnect(
  target: pg.Client | pg.Pool,
  work: (connect: (answered: Answered) => void, settle: Answered) => void,
): void {
  const connect = target.connect.bind(target) as (answered: Answered) => void;
  const replacement = (answered?: Answered) => answering(answered, (settle) => work(connect, settle));
  Object.assign(target, { connect: replacement });
}

/** Runs callback-style work: passes the result to the callback given, or returns a promise if there is none. */
export function answering(
  answered: Answered | undefined,
  work: (answered: Answered) => void,
): Promise<unknown> | undefined {
  if (answered !== undefined) {
    work(answered);
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
