import { randomUUID } from 'node:crypto';
import { isUnavailable } from '../common/index.js';
import { provideRedis, type ProvidedServer } from '../../test/support/services.js';
import { openTokens, type TestTokens } from '../../test/support/tokens.js';
import { until } from '../../test/support/until.js';
import { sessionKeys } from './session-keys.js';
import type { TokenPair } from './token.service.js';

const admit = () => Promise.resolve();
const REFUSED_IN_TIME = { unavailable: true, inTime: true };

let server: ProvidedServer;
let here: TestTokens;

beforeEach(async () => {
  server = await provideRedis();
  // No reuse window, in which a consumed token would work, too.
  here = await openTokens(server.url, { REFRESH_REUSE_WINDOW: '0s' });
  // Loads the scripts, so that the server runs late commands instead of rejecting them with NOSCRIPT.
  await here.tokens.rotate((await here.tokens.open(randomUUID())).refreshToken, admit);
});

afterEach(async () => {
  await here.close();
  await server.drop();
});

/** Whether a call rejects as unavailable, and within `budgetMs`. */
async function failure(call: Promise<unknown>, budgetMs: number): Promise<{ unavailable: boolean; inTime: boolean }> {
  const startedAt = performance.now();
  const error: unknown = await call.then(() => null, (reason: unknown) => reason);
  return { unavailable: isUnavailable(error), inTime: performance.now() - startedAt < budgetMs };
}

function everyCall(
  { tokens, sessions, access, authenticate }: TestTokens,
  pair: TokenPair,
  userId: string,
): Promise<unknown>[] {
  const claims = access.verify(pair.accessToken);
  return [
    tokens.open(userId),
    authenticate(pair.accessToken),
    tokens.rotate(pair.refreshToken, admit),
    tokens.logOut({ accessToken: pair.accessToken }),
    tokens.logOut({ refreshToken: pair.refreshToken }),
    sessions.list(userId),
    sessions.end(userId, claims.sessionId),
    sessions.endOthers(userId, claims.sessionId),
    sessions.endAll(userId),
  ];
}

async function untilRecovered(pair: TokenPair): Promise<void> {
  await until(() => here.authenticate(pair.accessToken).then(() => true, () => false), 5_000);
}

describe('TokenService during an outage of the durable Redis', () => {
  it('refused: every call fails within a second, and the refresh token works after recovery', async () => {
    const userId = randomUUID();
    const pair = await here.tokens.open(userId);
    await server.stop();
    const failures = await Promise.all(everyCall(here, pair, userId).map((call) => failure(call, 1_000)));
    expect(failures).toEqual(failures.map(() => REFUSED_IN_TIME));
    await server.start();
    await untilRecovered(pair);
    await expect(here.tokens.rotate(pair.refreshToken, admit)).resolves.toBeDefined();
  });

  it('frozen: every call fails within two seconds', async () => {
    const userId = randomUUID();
    const pair = await here.tokens.open(userId);
    server.pause();
    const failures = await Promise.all(everyCall(here, pair, userId).map((call) => failure(call, 2_000)));
    expect(failures).toEqual(failures.map(() => REFUSED_IN_TIME));
    server.resume();
  });

  it('frozen: a reissue consumes nothing even if the server runs it later', async () => {
    const pair = await here.tokens.open(randomUUID());
    server.pause();
    expect(await failure(here.tokens.rotate(pair.refreshToken, admit), 2_000)).toEqual(REFUSED_IN_TIME);
    server.resume();
    await untilRecovered(pair);
    await expect(here.tokens.rotate(pair.refreshToken, admit)).resolves.toBeDefined();
  });

  it('frozen during a reissue: a late rotation changes nothing', async () => {
    const pair = await here.tokens.open(randomUUID());
    const freeze = async () => {
      server.pause();
      await admit();
    };
    expect(await failure(here.tokens.rotate(pair.refreshToken, freeze), 2_000)).toEqual(REFUSED_IN_TIME);
    server.resume();
    await untilRecovered(pair);
    const next = await here.tokens.rotate(pair.refreshToken, admit);
    await expect(here.tokens.rotate(next.refreshToken, admit)).resolves.toBeDefined();
  });

  it('resumed before the deadline: the rotation counts', async () => {
    const pair = await here.tokens.open(randomUUID());
    const freezeBriefly = async () => {
      server.pause();
      setTimeout(() => {
        server.resume();
      }, 60);
      await admit();
    };
    await expect(here.tokens.rotate(pair.refreshToken, freezeBriefly)).resolves.toBeDefined();
  });

  it('restarted without its scripts: the next call loads them', async () => {
    const pair = await here.tokens.open(randomUUID());
    await here.redis.script('FLUSH');
    await expect(here.tokens.rotate(pair.refreshToken, admit)).resolves.toBeDefined();
  });

  it('full: logins and reissues are rejected and consume nothing; requests and logouts work', async () => {
    const [pair, other] = [await here.tokens.open(randomUUID()), await here.tokens.open(randomUUID())];
    const { userId, sessionId } = here.access.verify(pair.accessToken);
    await here.redis.hset(sessionKeys(userId).session(sessionId), 'usedAt', 0);
    await here.redis.config('SET', 'maxmemory', '1');
    expect(await failure(here.tokens.open(randomUUID()), 1_000)).toMatchObject({ unavailable: true });
    expect(await failure(here.tokens.rotate(pair.refreshToken, admit), 1_000)).toMatchObject({ unavailable: true });
    await expect(here.authenticate(pair.accessToken)).resolves.toMatchObject({ userId });
    await here.tokens.logOut({ accessToken: other.accessToken });
    await here.redis.config('SET', 'maxmemory', '0');
    await expect(here.authenticate(other.accessToken)).rejects.toMatchObject({ code: 'INVALID_ACCESS_TOKEN' });
    await expect(here.tokens.rotate(pair.refreshToken, admit)).resolves.toBeDefined();
  });
});
