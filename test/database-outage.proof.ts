import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { ConnectionPool } from '../src/database/index.js';
import { newAccount } from './support/accounts.js';
import { useApp } from './support/app.js';
import { untilBlocking } from './support/blocked-sessions.js';
import { aPlace, aUser, type PlaceBody, type TestUser } from './support/factories.js';
import { providePostgres, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';
import { keepTimeLimits } from './support/time-limits.js';
import { stopwatch } from './support/stopwatch.js';

keepTimeLimits();

/** Exceeds the call stack if callers are served recursively. */
const CALLERS = 10_000;
/** Callers of the service itself, such as the relay of the outbox. */
const BACKGROUND_CALLERS = 10;

let database: ProvidedServer;
let user: TestUser;
let place: PlaceBody;

beforeAll(async () => {
  database = await providePostgres();
});
// Two connections, so that later requests reuse those of the earlier ones.
const t = useApp(() => ({ env: { DATABASE_URL: database.url, DATABASE_POOL_SIZE: '2' } }));
beforeAll(async () => {
  user = await aUser(t);
  place = await aPlace(t, { owner: user });
});
afterAll(() => database.drop());

const like = () => t.api.put(`/places/${place.id}/like`, { token: user.token });

/** Runs `work` on a direct connection to PostgreSQL. */
async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(database.url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('after a freeze of PostgreSQL', () => {
  it('requests that were accepted during the freeze are committed', async () => {
    database.pause();
    const likes = await Promise.all([like(), like()]);
    expect(likes.map(({ status }) => status)).toEqual([503, 503]);
    database.resume();
    const accounts = [newAccount(), newAccount()];
    const responses = await Promise.all(accounts.map((account) => t.api.post('/auth/signup', account)));
    expect(responses.map(({ status }) => status)).toEqual([201, 201]);
    const emails = accounts.map(({ email }) => email);
    const found = await withClient((client) => client.query('SELECT 1 FROM app_user WHERE email = ANY($1)', [emails]));
    expect(found.rowCount).toBe(2);
  });
});

describe('while PostgreSQL is frozen', () => {
  it('responds within two seconds, also in the middle of a transaction', async () => {
    await withClient(async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT 1 FROM place WHERE id = $1 FOR UPDATE', [place.id]);
      const elapsedMs = stopwatch();
      const response = like();
      await untilBlocking(async (sql) => (await client.query<object>(sql)).rows);
      database.pause();
      const { status } = await response;
      const tookMs = elapsedMs();
      database.resume();
      expect(status).toBe(503);
      expect(tookMs).toBeLessThan(2_000);
    });
    expect((await like()).status).toBe(204);
  });

  it('removes timed-out callers from the pool queue and serves others afterwards', async () => {
    const dataSource = t.app.get(DataSource);
    database.pause();
    const queries = Array.from({ length: CALLERS }, () => dataSource.query('SELECT 1'));
    const results = await Promise.allSettled(queries);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(t.app.get(ConnectionPool).stats().waiting).toBeLessThan(BACKGROUND_CALLERS);
    database.resume();
    await until(() => dataSource.query('SELECT 1').then(() => true, () => false));
    expect((await like()).status).toBe(204);
  });
});
