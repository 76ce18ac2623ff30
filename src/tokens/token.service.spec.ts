import { randomUUID } from 'node:crypto';
import { provideRedis, type ProvidedServer } from '../../test/support/services.js';
import { openTokens, type TestTokens } from '../../test/support/tokens.js';
import { until } from '../../test/support/until.js';
import type { RedisClient } from '../redis/index.js';
import { sessionKeys } from './session-keys.js';
import type { TokenPair } from './token.service.js';
import { stopwatch } from '../../test/support/stopwatch.js';

const REFUSED = expect.objectContaining({ code: 'INVALID_ACCESS_TOKEN' });
const SPENT = expect.objectContaining({ code: 'INVALID_REFRESH_TOKEN' });
const admit = () => Promise.resolve();

let server: ProvidedServer;
let here: TestTokens;
let there: TestTokens;

beforeAll(async () => {
  server = await provideRedis();
  [here, there] = await Promise.all([openTokens(server.url), openTokens(server.url)]);
});

afterAll(async () => {
  await Promise.all([here.close(), there.close()]);
  await server.drop();
});

/** Whether the tokens of a pair are accepted. */
async function acceptance({ accessToken, refreshToken }: TokenPair): Promise<{ access: boolean; refresh: boolean }> {
  const succeeds = (promise: Promise<unknown>) => promise.then(() => true, () => false);
  const access = await succeeds(here.authenticate(accessToken));
  return { access, refresh: await succeeds(here.tokens.rotate(refreshToken, admit)) };
}

describe('a session', () => {
  it('starts with a pair whose access token every instance accepts', async () => {
    const userId = randomUUID();
    const pair = await here.tokens.open(userId);
    expect(pair).toMatchObject({ expiresInS: 600, refreshExpiresInS: 14 * 86_400 });
    expect(await there.authenticate(pair.accessToken)).toMatchObject({ userId });
  });

  it('has its own expiry in Redis', async () => {
    const userId = randomUUID();
    const { sessionId } = here.access.verify((await here.tokens.open(userId)).accessToken);
    const ttlMs = await here.redis.pttl(sessionKeys(userId).session(sessionId));
    expect(ttlMs).toBeGreaterThan(14 * 86_400_000 - 5_000);
    expect(ttlMs).toBeLessThanOrEqual(14 * 86_400_000);
  });

  it('is listed with device and last use, newest first', async () => {
    const userId = randomUUID();
    await here.tokens.open(userId, 'phone');
    await there.tokens.open(userId, '노트북');
    const sessions = await here.sessions.list(userId);
    expect(sessions.map((each) => each.device)).toEqual(['노트북', 'phone']);
    expect(sessions[0]?.expiresAtMs).toBeGreaterThan(Date.now() + 13 * 86_400_000);
  });

  it('records its use at most once per minute', async () => {
    const userId = randomUUID();
    const { accessToken } = await here.tokens.open(userId);
    const { sessionId } = here.access.verify(accessToken);
    const key = sessionKeys(userId).session(sessionId);
    const recently = Date.now() - 30_000;
    await here.redis.hset(key, 'usedAt', recently);
    await here.authenticate(accessToken);
    expect(await here.redis.hget(key, 'usedAt')).toBe(String(recently));
    await here.redis.hset(key, 'usedAt', Date.now() - 61_000);
    await here.authenticate(accessToken);
    expect(Number(await here.redis.hget(key, 'usedAt'))).toBeGreaterThan(recently);
  });

  it('ends when the user opens the 20th newer one', async () => {
    const userId = randomUUID();
    const pairs: TokenPair[] = [];
    for (let i = 0; i < 22; i++) pairs.push(await here.tokens.open(userId, `device ${i}`));
    const sessions = await here.sessions.list(userId);
    expect(sessions.map((each) => each.device)).toEqual(Array.from({ length: 20 }, (_, i) => `device ${21 - i}`));
    expect(await Promise.all(pairs.slice(0, 3).map(acceptance))).toEqual([
      { access: false, refresh: false },
      { access: false, refresh: false },
      { access: true, refresh: true },
    ]);
  });

  it('is limited to 20 per user under concurrent logins', async () => {
    const userId = randomUUID();
    const pairs = await Promise.all(Array.from({ length: 60 }, (_, i) => (i % 2 ? here : there).tokens.open(userId)));
    expect(await here.sessions.list(userId)).toHaveLength(20);
    const alive = await Promise.all(pairs.map(acceptance));
    expect(alive.filter((each) => each.access)).toHaveLength(20);
    expect(await here.redis.keys(`token:{${userId}}:session:*`)).toHaveLength(20);
  });

  it('ends when unused for REFRESH_TOKEN_TTL', async () => {
    const brief = await openTokens(server.url, { REFRESH_TOKEN_TTL: '1s' });
    const pair = await brief.tokens.open(randomUUID());
    expect(pair.refreshExpiresInS).toBe(1);
    await until(async () => !(await brief.authenticate(pair.accessToken).then(() => true, () => false)));
    await expect(brief.tokens.rotate(pair.refreshToken, admit)).rejects.toEqual(SPENT);
    await brief.close();
  });

  it('ends REFRESH_TOKEN_MAX_TTL after login even if used', async () => {
    const brief = await openTokens(server.url, { REFRESH_TOKEN_TTL: '2s', REFRESH_TOKEN_MAX_TTL: '2500ms' });
    const elapsedMs = stopwatch();
    const startedAt = Date.now();
    let pair = await brief.tokens.open(randomUUID());
    await until(async () => {
      const next = await brief.tokens.rotate(pair.refreshToken, admit).catch(() => null);
      pair = next ?? pair;
      return next === null;
    });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_400);
    expect(elapsedMs()).toBeLessThan(4_000);
    await brief.close();
  });
});

describe('ending sessions', () => {
  it('revokes the tokens of one session immediately on every instance', async () => {
    const userId = randomUUID();
    const [one, other] = [await here.tokens.open(userId), await here.tokens.open(userId)];
    expect(await here.sessions.end(userId, here.access.verify(one.accessToken).sessionId)).toBe(true);
    await expect(there.authenticate(one.accessToken)).rejects.toEqual(REFUSED);
    await expect(there.tokens.rotate(one.refreshToken, admit)).rejects.toEqual(SPENT);
    expect(await acceptance(other)).toEqual({ access: true, refresh: true });
  });

  it('changes nothing for an unknown, invalid or other user’s session', async () => {
    const [mine, theirs] = [await here.tokens.open(randomUUID()), await here.tokens.open(randomUUID())];
    const { userId } = here.access.verify(mine.accessToken);
    for (const id of [here.access.verify(theirs.accessToken).sessionId, randomUUID(), '*', '', `x}:{y`]) {
      expect(await here.sessions.end(userId, id)).toBe(false);
    }
    expect(await acceptance(theirs)).toEqual({ access: true, refresh: true });
  });

  it('ends all sessions except the current one', async () => {
    const userId = randomUUID();
    const retained = await here.tokens.open(userId);
    const others = [await here.tokens.open(userId), await there.tokens.open(userId)];
    await here.sessions.endOthers(userId, here.access.verify(retained.accessToken).sessionId);
    expect(await Promise.all([retained, ...others].map(acceptance))).toEqual([
      { access: true, refresh: true },
      { access: false, refresh: false },
      { access: false, refresh: false },
    ]);
  });

  it('ends all sessions and allows a login in the same second', async () => {
    const userId = randomUUID();
    const before = await here.tokens.open(userId);
    await here.sessions.endAll(userId);
    const after = await here.tokens.open(userId);
    expect(await acceptance(before)).toEqual({ access: false, refresh: false });
    expect(await acceptance(after)).toEqual({ access: true, refresh: true });
  });

  it('revokes access tokens even if a session record reappears (not-before)', async () => {
    const userId = randomUUID();
    const { accessToken } = await here.tokens.open(userId);
    const { sessionId } = here.access.verify(accessToken);
    const record = await here.redis.hgetall(sessionKeys(userId).session(sessionId));
    await here.sessions.endAll(userId);
    await here.redis.hset(sessionKeys(userId).session(sessionId), record);
    await expect(there.authenticate(accessToken)).rejects.toEqual(REFUSED);
  });

  it('puts the jti of a logged-out access token on the blacklist until it expires', async () => {
    const userId = randomUUID();
    const { accessToken } = await here.tokens.open(userId);
    const claims = here.access.verify(accessToken);
    const keys = sessionKeys(userId);
    const record = await here.redis.hgetall(keys.session(claims.sessionId));
    await here.tokens.logOut({ accessToken });
    const ttlMs = await here.redis.pttl(keys.denied(claims.jti));
    expect(ttlMs).toBeGreaterThan(590_000);
    expect(ttlMs).toBeLessThanOrEqual(600_000);
    // Even if the session record reappears, and in any spelling of the token.
    await here.redis.hset(keys.session(claims.sessionId), record);
    for (const spelling of respell(accessToken)) {
      await expect(there.authenticate(spelling)).rejects.toEqual(REFUSED);
    }
  });
});

describe('a dump of Redis', () => {
  it('contains no text that is accepted as a token', async () => {
    const alone = await provideRedis();
    const { tokens, sessions, redis, authenticate, close } = await openTokens(alone.url);
    const userId = randomUUID();
    const first = await tokens.open(userId, 'phone');
    await tokens.rotate(first.refreshToken, admit);
    await tokens.open(userId, 'laptop');
    await tokens.logOut({ accessToken: (await tokens.open(userId)).accessToken });
    const stolen = await tokens.open(userId);
    const strict = await openTokens(alone.url, { REFRESH_REUSE_WINDOW: '0s' });
    const next = await strict.tokens.rotate(stolen.refreshToken, admit);
    await strict.tokens.rotate(next.refreshToken, admit);
    await tokens.rotate(stolen.refreshToken, admit).catch(() => undefined);
    const found = await everyString(redis);
    expect(found.length).toBeGreaterThan(20);
    for (const text of found) {
      await expect(authenticate(text)).rejects.toEqual(REFUSED);
      await expect(tokens.rotate(text, admit)).rejects.toEqual(SPENT);
    }
    expect(await sessions.list(userId)).toHaveLength(2);
    await Promise.all([close(), strict.close()]);
    await alone.drop();
  });
});

/** Base64url spellings of the same signature, which differ in the unused bits of the last character. */
function respell(token: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1) ?? '');
  return [0, 1, 2, 3].map((bits) => token.slice(0, -1) + (alphabet[(last & ~3) | bits] ?? ''));
}

/** All keys, values, fields and members, and their parts between separators. */
async function everyString(redis: RedisClient): Promise<string[]> {
  const whole: string[] = [];
  for (const key of await redis.keys('*')) {
    whole.push(key);
    const type = await redis.type(key);
    if (type === 'string') whole.push((await redis.get(key)) ?? '');
    if (type === 'hash') whole.push(...Object.entries(await redis.hgetall(key)).flat());
    if (type === 'zset') whole.push(...(await redis.zrange(key, 0, -1)));
    if (type === 'list') whole.push(...(await redis.lrange(key, 0, -1)));
  }
  return [...new Set(whole.flatMap((text) => [text, ...text.split(/[^\w.-]+/)]))];
}
