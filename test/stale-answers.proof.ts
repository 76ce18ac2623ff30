import { setTimeout as sleep } from 'node:timers/promises';
import { useApp } from './support/app.js';
import { aPlace, aReview, aUser, type PlaceBody } from './support/factories.js';
import { providePostgres, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';
import { keepTimeLimits } from './support/time-limits.js';
import { stopwatch } from './support/stopwatch.js';

keepTimeLimits();

const TTL_MS = 1_000;

let database: ProvidedServer;
let place: PlaceBody;

beforeAll(async () => {
  database = await providePostgres();
});
const t = useApp(() => ({ env: { DATABASE_URL: database.url, CACHE_TTL: '1s' } }));
beforeAll(async () => {
  const user = await aUser(t);
  place = await aPlace(t, { owner: user });
  await aReview(t, { author: user, place });
});

afterAll(() => database.drop());

const paths = () => [`/places/${place.id}`, '/places', `/places/${place.id}/reviews`, '/categories', '/districts'];

/** Response with its cache status and duration. */
async function timedRead(path: string) {
  const elapsedMs = stopwatch();
  const { status, headers, text } = await t.api.get(path);
  return { path, status, outcome: headers.get('x-cache'), text, ms: elapsedMs() };
}

describe.each([
  ['frozen', () => database.pause(), () => database.resume()],
  ['down', () => database.stop(), () => database.start()],
] as const)('a cached response, while PostgreSQL is %s', (_how, beginOutage, endOutage) => {
  it('is served as STALE within a second, and is fresh after recovery', async () => {
    const before = await Promise.all(paths().map(timedRead));
    expect(before.map(({ status }) => status)).toEqual(paths().map(() => 200));
    await sleep(TTL_MS + 100);
    await beginOutage();
    try {
      for (const each of [1, 2, 3]) {
        const during = await Promise.all(paths().map(timedRead));
        const stale = before.map((response) => ({ ...response, outcome: 'STALE', ms: expect.any(Number) as number }));
        expect({ each, during }).toEqual({ each, during: stale });
        expect(Math.max(...during.map(({ ms }) => ms))).toBeLessThan(1_000);
      }
      expect((await timedRead('/places/999999')).status).toBe(503);
    } finally {
      await endOutage();
    }
    await until(async () => (await Promise.all(paths().map(timedRead))).every(({ outcome }) => outcome === 'HIT'));
  });
});
