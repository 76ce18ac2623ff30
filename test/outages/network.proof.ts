import type { Account } from '../support/accounts.js';
import { aPlace, type PlaceBody } from '../support/factories.js';
import { until } from '../support/until.js';
import { createFaultEnv, newClient, timed, type Dependency, type FaultInjectionEnv } from './support/fault-injection.js';

let env: FaultInjectionEnv;
let account: Account;
let place: PlaceBody;

beforeAll(async () => {
  env = await createFaultEnv({ withPostgres: true });
  account = await newClient(env);
  place = await aPlace(env.t, { owner: { ...account, token: account.accessToken } });
});

afterAll(() => env.close());

const outcome = async () => (await env.t.api.get(`/places/${place.id}`)).headers.get('x-cache');
const profile = () => timed(() => env.t.api.get('/users/me', { token: account.accessToken }));

/** Dependencies, each with a check that it is in use. */
const DEPENDENCIES: readonly (readonly [string, () => Dependency, () => Promise<boolean>])[] = [
  ['cache Redis', () => env.cache, async () => (await outcome()) === 'HIT'],
  ['durable Redis', () => env.store, async () => (await profile()).status === 200],
  ['PostgreSQL', () => env.postgres as Dependency, async () => (await profile()).status === 200],
];

describe.each(DEPENDENCIES)('network faults between the service and %s', (name, dependency, isInUse) => {
  it(`recovery | ${name} after the network dropped its connections silently: within 5 s, on new ones`, async () => {
    await until(isInUse);
    dependency().proxy.forget();
    expect(await isInUse()).toBe(false);
    await until(isInUse, 5_000);
  });

  it(`recovery | ${name} after the network broke its connections: within 5 s`, async () => {
    await until(isInUse);
    dependency().proxy.cut();
    await until(isInUse, 5_000);
  });

  it(`recovery | ${name} after the network was frozen for a while: within 5 s`, async () => {
    await until(isInUse);
    dependency().proxy.freeze();
    expect(await isInUse()).toBe(false);
    await dependency().proxy.restore();
    await until(isInUse, 5_000);
  });
});
