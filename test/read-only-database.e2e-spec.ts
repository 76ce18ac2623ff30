import { Client, escapeIdentifier } from 'pg';
import { logIn, signUp, type Account } from './support/accounts.js';
import { createApp, type TestApp } from './support/app.js';
import { aPlace, type PlaceBody } from './support/factories.js';
import { provideDatabase, type ProvidedDatabase } from './support/services.js';
import { until } from './support/until.js';

describe('a PostgreSQL that accepts no writes', () => {
  let database: ProvidedDatabase;
  let admin: Client;
  let t: TestApp;
  let account: Account;
  let place: PlaceBody;

  beforeAll(async () => {
    database = await provideDatabase();
    admin = new Client(database.url);
    await admin.connect();
    t = await createApp({ env: { DATABASE_URL: database.url } });
    account = await signUp(t.api);
    place = await aPlace(t);
  });
  afterAll(async () => {
    await t.close();
    await admin.end();
    await database.drop();
  });

  const readiness = async () => (await t.api.get('//health/ready')).status;
  const writes = async () => {
    const { accessToken: token, email, password } = account;
    const answers = await Promise.all([
      t.api.put(`/places/${place.id}/like`, { token }),
      t.api.patch('/users/me', { nickname: `새이름${Math.floor(Math.random() * 1e6)}` }, { token }),
      t.api.post('/auth/login', { email, password }),
    ]);
    return answers.map(({ status }) => status);
  };

  /** As after a failover: the address leads to a server with another setting, and the connections are new. */
  const setReadOnly = async (value: 'on' | 'off') => {
    const name = escapeIdentifier(new URL(database.url).pathname.slice(1));
    await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`);
  };
  const cutConnections = () =>
    admin.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);

  it('serves reads, answers writes 503, is not ready, and follows the address to the new primary', async () => {
    await setReadOnly('on');
    await cutConnections();
    await until(async () => (await t.api.get('/places?q=a')).status === 200);
    await until(async () => (await readiness()) === 503);
    expect(await writes()).toEqual([503, 503, 503]);
    expect((await t.api.get(`/places/${place.id}`)).status).toBe(200);
    await setReadOnly('off');
    await until(async () => (await readiness()) === 200);
    await until(async () => (await writes()).every((status) => status < 300));
    await logIn(t.api, account);
  });
});
