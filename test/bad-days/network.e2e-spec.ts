import type { Account } from '../support/accounts.js';
import { aPlace, type PlaceBody } from '../support/factories.js';
import { until } from '../support/until.js';
import { setStage, somebody, timed, type Dependency, type Stage } from './support/stage.js';

let stage: Stage;
let account: Account;
let place: PlaceBody;

beforeAll(async () => {
  stage = await setStage({ withPostgres: true });
  account = await somebody(stage);
  place = await aPlace(stage.t, { owner: { ...account, token: account.accessToken } });
});

afterAll(() => stage.close());

const outcome = async () => (await stage.t.api.get(`/places/${place.id}`)).headers.get('x-cache');
const profile = () => timed(() => stage.t.api.get('/users/me', { token: account.accessToken }));

/** Each dependency, and what shows that it is in use. */
const DEPENDENCIES: readonly (readonly [string, () => Dependency, () => Promise<boolean>])[] = [
  ['cache Redis', () => stage.cache, async () => (await outcome()) === 'HIT'],
  ['durable Redis', () => stage.store, async () => (await profile()).status === 200],
  ['PostgreSQL', () => stage.postgres as Dependency, async () => (await profile()).status === 200],
];

describe.each(DEPENDENCIES)('with the network before %s', (name, dependency, isInUse) => {
  it(`recovery | ${name} behind a network that has forgotten its connections: within 5 s, by new ones`, async () => {
    await until(isInUse);
    dependency().proxy.forget();
    expect(await isInUse()).toBe(false);
    await until(isInUse, 5_000);
  });

  it(`recovery | ${name} behind a network that has cut its connections: within 5 s`, async () => {
    await until(isInUse);
    dependency().proxy.cut();
    await until(isInUse, 5_000);
  });

  it(`recovery | ${name} behind a network that was frozen for a while: within 5 s`, async () => {
    await until(isInUse);
    dependency().proxy.freeze();
    expect(await isInUse()).toBe(false);
    await dependency().proxy.heal();
    await until(isInUse, 5_000);
  });
});
