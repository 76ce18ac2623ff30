import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { provideRedis, type ProvidedServer } from '../../test/support/services.js';
import { SEED, seededRandom } from '../../test/support/seeded-random.js';
import { openTokens, type TestTokens } from '../../test/support/tokens.js';
import { until } from '../../test/support/until.js';
import { RefreshToken } from './refresh-token.js';
import { sessionKeys } from './session-keys.js';
import type { TokenPair } from './token.service.js';

const SPENT = expect.objectContaining({ code: 'INVALID_REFRESH_TOKEN' });
const admit = () => Promise.resolve();

let server: ProvidedServer;
let here: TestTokens;
let there: TestTokens;
/** Without a reuse window: every rotation creates a successor. */
let strict: TestTokens;

beforeAll(async () => {
  server = await provideRedis();
  [here, there, strict] = await Promise.all([
    openTokens(server.url),
    openTokens(server.url),
    openTokens(server.url, { REFRESH_REUSE_WINDOW: '0s' }),
  ]);
});

beforeEach(() => {
  jest.spyOn(Logger.prototype, 'warn');
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await Promise.all([here.close(), there.close(), strict.close()]);
  await server.drop();
});

const isAlive = ({ accessToken }: TokenPair) => here.authenticate(accessToken).then(() => true, () => false);

describe('refresh token rotation', () => {
  it('returns a new pair of the same session and keeps earlier access tokens valid', async () => {
    const first = await here.tokens.open(randomUUID());
    const second = await there.tokens.rotate(first.refreshToken, admit);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(here.access.verify(second.accessToken).sessionId).toBe(here.access.verify(first.accessToken).sessionId);
    expect([await isAlive(first), await isAlive(second)]).toEqual([true, true]);
  });

  it('returns the same successor for the token just consumed (lost response, two tabs)', async () => {
    const first = await here.tokens.open(randomUUID());
    const second = await here.tokens.rotate(first.refreshToken, admit);
    const again = await there.tokens.rotate(first.refreshToken, admit);
    expect(again.refreshToken).toBe(second.refreshToken);
    expect(await isAlive(again)).toBe(true);
    expect(await here.sessions.listIncidents(here.access.verify(first.accessToken).userId)).toEqual([]);
  });

  it('returns one successor to 50 concurrent callers', async () => {
    const first = await here.tokens.open(randomUUID());
    const pairs = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? here : there).tokens.rotate(first.refreshToken, admit)),
    );
    expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(1);
    expect(await isAlive(first)).toBe(true);
    await expect(here.tokens.rotate(pairs[0]?.refreshToken, admit)).resolves.toBeDefined();
  });

  it('treats an older token as stolen: the session ends and the theft is logged', async () => {
    const userId = randomUUID();
    const first = await here.tokens.open(userId);
    const second = await strict.tokens.rotate(first.refreshToken, admit);
    const third = await strict.tokens.rotate(second.refreshToken, admit);
    await expect(there.tokens.rotate(first.refreshToken, admit)).rejects.toEqual(SPENT);
    expect(await isAlive(third)).toBe(false);
    await expect(here.tokens.rotate(third.refreshToken, admit)).rejects.toEqual(SPENT);
    const { sessionId } = here.access.verify(first.accessToken);
    const incident = { kind: 'refresh-token-reused', sessionId, atMs: expect.any(Number) };
    expect(await here.sessions.listIncidents(userId)).toEqual([incident]);
    expect(Logger.prototype.warn).toHaveBeenCalledWith(expect.stringContaining(`user=${userId} session=${sessionId}`));
  });

  it('treats the token just consumed as stolen after the reuse window', async () => {
    const brief = await openTokens(server.url, { REFRESH_REUSE_WINDOW: '200ms' });
    const first = await brief.tokens.open(randomUUID());
    const second = await brief.tokens.rotate(first.refreshToken, admit);
    // Rotations within the window do not count as theft, and do not prolong the window.
    await until(async () => (await brief.tokens.rotate(first.refreshToken, admit).catch(() => null)) === null);
    expect(await isAlive(second)).toBe(false);
    expect(await brief.sessions.listIncidents(here.access.verify(first.accessToken).userId)).toHaveLength(1);
    await brief.close();
  });

  it('keeps the successor within the window and replaces it afterwards', async () => {
    const userId = randomUUID();
    const first = await here.tokens.open(userId);
    const second = await here.tokens.rotate(first.refreshToken, admit);
    const retained = await there.tokens.rotate(second.refreshToken, admit);
    expect(retained.refreshToken).toBe(second.refreshToken);
    expect(retained.accessToken).not.toBe(second.accessToken);
    expect(await isAlive(retained)).toBe(true);
    await passReuseWindow(retained);
    const third = await here.tokens.rotate(retained.refreshToken, admit);
    expect(third.refreshToken).not.toBe(retained.refreshToken);
    expect(await here.sessions.listIncidents(userId)).toEqual([]);
  });

  it('stores no successor beyond the reuse window', async () => {
    const brief = await openTokens(server.url, { REFRESH_REUSE_WINDOW: '100ms' });
    const userId = randomUUID();
    await brief.tokens.rotate((await brief.tokens.open(userId)).refreshToken, admit);
    await until(async () => (await brief.redis.keys(`token:{${userId}}:successor:*`)).length === 0);
    await brief.close();
  });

  it('allows no reuse with a window of 0', async () => {
    const first = await strict.tokens.open(randomUUID());
    await strict.tokens.rotate(first.refreshToken, admit);
    await expect(strict.tokens.rotate(first.refreshToken, admit)).rejects.toEqual(SPENT);
  });

  it('rejects forged tokens of an existing session without ending it', async () => {
    const pair = await here.tokens.open(randomUUID());
    const { userId, sessionId } = here.access.verify(pair.accessToken);
    const forged = RefreshToken.create(userId, sessionId, 'guessed').toString();
    for (let place = 0; place < pair.refreshToken.length; place += 5) {
      const altered = pair.refreshToken[place] === 'A' ? 'B' : 'A';
      const token = pair.refreshToken.slice(0, place) + altered + pair.refreshToken.slice(place + 1);
      await expect(here.tokens.rotate(token, admit)).rejects.toEqual(SPENT);
    }
    await expect(here.tokens.rotate(forged, admit)).rejects.toEqual(SPENT);
    expect(await here.sessions.listIncidents(userId)).toEqual([]);
    await expect(here.tokens.rotate(pair.refreshToken, admit)).resolves.toBeDefined();
  });

  it('rejects anything but a refresh token', async () => {
    const { accessToken, refreshToken } = await here.tokens.open(randomUUID());
    const altered = [`${refreshToken}A`, `${refreshToken}=`, ` ${refreshToken}`];
    for (const token of [undefined, '', '*', '%00', 'A'.repeat(96), accessToken, ...altered]) {
      await expect(here.tokens.rotate(token, admit)).rejects.toEqual(SPENT);
    }
    await expect(here.authenticate(refreshToken)).rejects.toMatchObject({ code: 'INVALID_ACCESS_TOKEN' });
  });

  it('consumes nothing when the user is not admitted', async () => {
    const first = await here.tokens.open(randomUUID());
    const failure = new Error('PostgreSQL is unavailable');
    await expect(here.tokens.rotate(first.refreshToken, () => Promise.reject(failure))).rejects.toBe(failure);
    const second = await here.tokens.rotate(first.refreshToken, admit);
    await expect(here.tokens.rotate(second.refreshToken, admit)).resolves.toBeDefined();
  });
});

describe('concurrent reissues, logouts and ends of all sessions', () => {
  it(`leave no working token after the end of a session (SEED=${SEED})`, async () => {
    const random = seededRandom(SEED);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    for (let round = 0; round < 60; round++) {
      const userId = randomUUID();
      const opened = await Promise.all([here.tokens.open(userId), there.tokens.open(userId)]);
      const given: TokenPair[] = [...opened];
      const reissue = async () => {
        await pause(random() * 6);
        const pair = await pick([here, there]).tokens.rotate(pick(given).refreshToken, admit).catch(() => null);
        if (pair !== null) given.push(pair);
      };
      const end = async () => {
        await pause(random() * 6);
        if (random() < 0.5) return pick([here, there]).sessions.endAll(userId);
        await Promise.all(opened.map((pair) => pick([here, there]).tokens.logOut({ accessToken: pair.accessToken })));
      };
      await Promise.all([end(), ...Array.from({ length: 12 }, reissue)]);
      const alive = await Promise.all(given.map(async (pair) => (await isAlive(pair)) || (await canRotate(pair))));
      expect(alive).toEqual(given.map(() => false));
      expect(await here.sessions.list(userId)).toEqual([]);
    }
  });

  it(`leave no token of an ended session and keep every other session (SEED=${SEED})`, async () => {
    const random = seededRandom(SEED + 1);
    for (let round = 0; round < 40; round++) {
      const userId = randomUUID();
      const [ended, retained] = [await here.tokens.open(userId), await there.tokens.open(userId)];
      const given: TokenPair[] = [ended];
      const reissues = Array.from({ length: 8 }, async () => {
        await pause(random() * 4);
        const pair = await there.tokens.rotate(ended.refreshToken, admit).catch(() => null);
        if (pair !== null) given.push(pair);
      });
      await pause(random() * 4);
      await here.tokens.logOut({ accessToken: ended.accessToken });
      await Promise.all(reissues);
      const alive = await Promise.all(given.map(async (pair) => (await isAlive(pair)) || (await canRotate(pair))));
      expect(alive).toEqual(given.map(() => false));
      expect([await isAlive(retained), await canRotate(retained)]).toEqual([true, true]);
    }
  });
});

describe('concurrent reissues of a client without a lock', () => {
  const ROUNDS = 40;
  const TABS = 12;

  it(`never end the session within the reuse window, over ${ROUNDS} random interleavings (SEED=${SEED})`, async () => {
    const random = seededRandom(SEED + 2);
    let [signOuts, reissues] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const client = { stored: await here.tokens.open(randomUUID()) };
      for (let burst = 0; burst < 3; burst++) {
        if (burst > 0) await passReuseWindow(client.stored);
        const received = new Set<string>();
        const tab = async (instance: TestTokens) => {
          for (let time = 0; time < 2; time++) {
            await pause(random() * 4);
            const { refreshToken } = client.stored;
            await pause(random() * 4);
            const pair = await instance.tokens.rotate(refreshToken, admit).catch(() => null);
            await pause(random() * 4);
            reissues += 1;
            if (pair === null) signOuts += 1;
            else {
              client.stored = pair;
              received.add(pair.refreshToken);
            }
          }
        };
        await Promise.all(Array.from({ length: TABS }, (_, i) => tab(i % 2 ? here : there)));
        expect(received.size).toBe(1);
      }
      expect(await isAlive(client.stored)).toBe(true);
    }
    expect({ signOuts, reissues }).toEqual({ signOuts: 0, reissues: ROUNDS * 3 * TABS * 2 });
  });

  it('end the session when they present a consumed token after the window', async () => {
    const first = await here.tokens.open(randomUUID());
    const second = await here.tokens.rotate(first.refreshToken, admit);
    await here.tokens.rotate(second.refreshToken, admit);
    await passReuseWindow(second);
    await expect(here.tokens.rotate(first.refreshToken, admit)).rejects.toEqual(SPENT);
    expect(await isAlive(second)).toBe(false);
  });
});

/** Moves the last rotation in Redis to a time before the reuse window. */
async function passReuseWindow({ accessToken }: TokenPair): Promise<void> {
  const { userId, sessionId } = here.access.verify(accessToken);
  const keys = sessionKeys(userId);
  await here.redis.hincrby(keys.session(sessionId), 'rotatedAt', -11_000);
  await here.redis.del(keys.successor(sessionId));
}

function canRotate(pair: TokenPair): Promise<boolean> {
  return here.tokens.rotate(pair.refreshToken, admit).then(() => true, () => false);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
