import { Redis } from 'ioredis';
import { freePort } from '../../scripts/processes.mjs';
import { reissue, whoAmI, type Account } from '../support/accounts.js';
import { until } from '../support/until.js';
import { newAddress, createFaultEnv, newClient, type FaultInjectionEnv } from './support/fault-injection.js';

let env: FaultInjectionEnv;
let admin: Redis;

beforeAll(async () => {
  env = await createFaultEnv();
  admin = new Redis(env.store.server.url);
  admin.on('error', () => undefined);
});

afterAll(async () => {
  admin.disconnect();
  await env.close();
});

const readiness = async () => (await env.t.api.get('//health/ready')).status;
const logOut = async ({ accessToken: token }: Account) =>
  (await env.t.api.post('/auth/logout', undefined, { token })).status;
const logIn = async ({ email, password }: Account) =>
  (await env.t.api.post('/auth/login', { email, password }, { headers: newAddress() })).status;
const statusOf = async ({ accessToken }: Account) => (await whoAmI(env.t.api, accessToken)).status;

describe('a durable Redis that is full', () => {
  it(
    'authenticated requests, logout | durable Redis -OOM: served, while login and reissue are answered 503',
    async () => {
      const [here, leaving] = [await newClient(env), await newClient(env)];
      await admin.config('SET', 'maxmemory', '1');
      for (let round = 0; round < 6; round++) expect(await logIn(here)).toBe(503);
      expect(await reissue(env.t.api, here.refreshToken)).toMatchObject({ status: 503 });
      expect(await statusOf(here)).toBe(200);
      expect([await logOut(leaving), await statusOf(leaving)]).toEqual([204, 401]);
      expect(await readiness()).toBe(503);
      await admin.config('SET', 'maxmemory', '0');
      expect(await reissue(env.t.api, here.refreshToken)).toMatchObject({ status: 200 });
      expect([await logIn(here), await readiness()]).toEqual([200, 200]);
    },
  );
});

describe('a durable Redis that has become a replica', () => {
  it(
    'login, reissue, logout | durable Redis -READONLY: answered 503, nothing consumed, recovered within 5 s',
    async () => {
      const account = await newClient(env);
      await admin.replicaof('127.0.0.1', await freePort());
      expect(await logOut(account)).toBe(503);
      expect(await logIn(account)).toBe(503);
      expect(await reissue(env.t.api, account.refreshToken)).toMatchObject({ status: 503 });
      expect(await readiness()).toBe(503);
      await admin.replicaof('NO', 'ONE');
      await until(async () => (await statusOf(account)) === 200, 5_000);
      expect(await reissue(env.t.api, account.refreshToken)).toMatchObject({ status: 200 });
      expect([await logIn(account), await readiness()]).toEqual([200, 200]);
    },
  );
});

describe('a durable Redis that runs a script without end', () => {
  let script: Redis;

  beforeEach(() => {
    script = admin.duplicate();
  });
  afterEach(async () => {
    await admin.script('KILL').catch(() => undefined);
    script.disconnect();
  });

  it(
    'login, reissue, logout | durable Redis -BUSY: answered 503, nothing consumed, recovered within 5 s',
    async () => {
      const account = await newClient(env);
      await admin.config('SET', 'busy-reply-threshold', '1');
      const killed = script.eval('while true do end', 0).catch((error: unknown) => String(error));
      await until(async () => (await readiness()) === 503);
      for (const call of [logOut, logIn, statusOf]) expect(await call(account)).toBe(503);
      expect(await reissue(env.t.api, account.refreshToken)).toMatchObject({ status: 503 });
      await admin.script('KILL');
      expect(await killed).toContain('killed');
      await until(async () => (await statusOf(account)) === 200, 5_000);
      expect(await reissue(env.t.api, account.refreshToken)).toMatchObject({ status: 200 });
      expect([await logIn(account), await readiness()]).toEqual([200, 200]);
    },
  );
});

describe('a durable Redis that is restarted', () => {
  it('authenticated requests | durable Redis restarted: every session still exists', async () => {
    const account = await newClient(env);
    await env.store.server.stop();
    expect(await statusOf(account)).toBe(503);
    await env.store.server.start();
    await until(async () => (await statusOf(account)) === 200, 5_000);
    expect(await reissue(env.t.api, account.refreshToken)).toMatchObject({ status: 200 });
  });
});
