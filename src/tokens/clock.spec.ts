import { randomUUID } from 'node:crypto';
import { provideRedis, type ProvidedServer } from '../../test/support/services.js';
import { openTokens, type TestTokens } from '../../test/support/tokens.js';
import { sessionKeys } from './session-keys.js';

const HOUR_MS = 3_600_000;
const EXPIRED = expect.objectContaining({ code: 'ACCESS_TOKEN_EXPIRED' });
const admit = () => Promise.resolve();

let server: ProvidedServer;
let opened: TestTokens;
let lasting: TestTokens;

beforeAll(async () => {
  server = await provideRedis();
  opened = await openTokens(server.url, { ACCESS_TOKEN_TTL: '1s' });
  lasting = await openTokens(server.url);
});

afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await Promise.all([opened.close(), lasting.close()]);
  await server.drop();
});

/** Shifts the clock of this process, but not that of Redis. */
function shiftClock(byMs: number): void {
  const now = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + byMs);
}

/** Polls the clock of Redis until it reaches a second, since the clock of this process is mocked. */
async function untilRedisTime(second: number): Promise<void> {
  for (;;) {
    if (Number((await opened.redis.time())[0]) >= second) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each([
  ['a year ahead of', 8_760 * HOUR_MS],
  ['two hours ahead of', 2 * HOUR_MS],
  ['two hours behind', -2 * HOUR_MS],
  ['a year behind', -8_760 * HOUR_MS],
])('the token service on an instance whose clock is %s Redis', (_how, shiftMs) => {
  it('accepts a token just issued by any instance, and its successor', async () => {
    const before = await lasting.tokens.open(randomUUID());
    shiftClock(shiftMs);
    const own = await lasting.tokens.open(randomUUID());
    const next = await lasting.tokens.rotate(own.refreshToken, admit);
    for (const { accessToken } of [before, own, next]) {
      await expect(lasting.authenticate(accessToken)).resolves.toBeDefined();
    }
  });

  it('rejects an expired token as expired', async () => {
    shiftClock(shiftMs);
    const { accessToken } = await opened.tokens.open(randomUUID());
    await untilRedisTime(opened.access.verify(accessToken).expiresAtS);
    await expect(opened.authenticate(accessToken)).rejects.toEqual(EXPIRED);
  });

  it('keeps a revoked token on the blacklist until it expires', async () => {
    shiftClock(shiftMs);
    const userId = randomUUID();
    const { accessToken } = await lasting.tokens.open(userId);
    const claims = lasting.access.verify(accessToken);
    await lasting.tokens.logOut({ accessToken });
    expect(await lasting.redis.expiretime(sessionKeys(userId).denied(claims.jti))).toBe(claims.expiresAtS);
  });
});
