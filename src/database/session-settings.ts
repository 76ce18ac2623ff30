import pg from 'pg';

/**
 * Settings of a session that we and the driver rely on to read what PostgreSQL writes; a database or a role may have
 * others. Sent as startup parameters, which come before those. A pooler such as PgBouncer applies these to the
 * connection it lends for a transaction.
 */
const ALWAYS = { DateStyle: 'ISO, MDY', TimeZone: 'UTC', standard_conforming_strings: 'on' } as const;
/** The same; but PgBouncer may refuse them, and then the defaults of the database apply. */
const WHERE_ACCEPTED = { IntervalStyle: 'postgres', extra_float_digits: '1', bytea_output: 'hex' } as const;

/** What a client of a `SessionPool` is made with. */
export interface SessionConfig extends pg.PoolConfig {
  /** A pooler has refused startup parameters. */
  isPooled?: boolean;
}

/** A client whose session has the settings that the driver relies on, whatever those of the database and the role. */
export class SessionClient extends pg.Client {
  constructor(config: SessionConfig) {
    super(config);
    const client = this as unknown as { getStartupConf: () => Record<string, string> };
    const startupConf = client.getStartupConf.bind(client);
    client.getStartupConf = () => {
      const { user, database, application_name: name, ...timeouts } = startupConf();
      const always = { user, database, ...(name && { application_name: name }), ...ALWAYS } as Record<string, string>;
      return config.isPooled === true ? always : { ...always, ...timeouts, ...WHERE_ACCEPTED };
    };
  }
}

type Connected = (error: Error | undefined, ...rest: unknown[]) => void;

/**
 * A pool that connects without optional startup parameters once a pooler has refused them: timeouts of statements are
 * then those of the pooler.
 */
export class SessionPool extends pg.Pool {
  constructor(config: SessionConfig) {
    super(config);
    const options = this.options as SessionConfig;
    const connect = this.connect.bind(this) as (connected: Connected) => void;
    const connectAnyhow = (connected: Connected) => {
      connect((error, ...rest) => {
        if (error === undefined || !isRefusal(error)) {
          connected(error, ...rest);
          return;
        }
        options.isPooled = true;
        connect(connected);
      });
    };
    this.connect = ((connected?: Connected) => {
      if (connected === undefined) {
        return new Promise((resolve, reject) => {
          connectAnyhow((error, client) => (error ? reject(error) : resolve(client as pg.PoolClient)));
        });
      }
      connectAnyhow(connected);
      return undefined;
    }) as typeof this.connect;
  }
}

function isRefusal(error: Error): boolean {
  return error.message.includes('unsupported startup parameter');
}
