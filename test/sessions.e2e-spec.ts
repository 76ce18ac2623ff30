import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { redisToken } from '../src/redis/index.js';
import { logIn, reissue, signUp, whoAmI } from './support/accounts.js';
import { useApp } from './support/app.js';
import { until } from './support/until.js';

interface SessionBody {
  readonly id: string;
  readonly device: string | null;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  readonly current: boolean;
}
interface SessionPage {
  readonly items: SessionBody[];
  readonly nextCursor: string | null;
}

const REFUSED = { status: 401, code: 'INVALID_ACCESS_TOKEN' };

const here = useApp();
const there = here.useAnother();
/** Issues access tokens that live for a second. */
const brief = here.useAnother({ env: { ACCESS_TOKEN_TTL: '1s' } });

async function listSessions(token: string, query = ''): Promise<SessionPage> {
  return (await here.api.get<SessionPage>(`/auth/sessions${query}`, { token })).body;
}

describe('GET /auth/sessions', () => {
  it('lists the devices, newest login first, and marks the current one', async () => {
    const { email, password, accessToken } = await signUp(here.api);
    await here.api.post('/auth/login', { email, password, device: '미나의 휴대폰' });
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const common = { id: expect.any(String), createdAt: time, lastUsedAt: time, expiresAt: time };
    expect(await listSessions(accessToken)).toEqual({
      items: [
        { ...common, device: '미나의 휴대폰', current: false },
        { ...common, device: null, current: true },
      ],
      nextCursor: null,
    });
  });

  it('is paged', async () => {
    const account = await signUp(here.api);
    for (let i = 0; i < 4; i++) await logIn(here.api, account);
    const whole = await listSessions(account.accessToken);
    const paged: SessionBody[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: SessionPage = await listSessions(account.accessToken, `?limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(whole.items);
    expect(paged).toHaveLength(5);
  });

  it('contains at most 20: one login more ends the oldest', async () => {
    const account = await signUp(here.api);
    const second = await logIn(here.api, account);
    await Promise.all(Array.from({ length: 19 }, () => logIn(here.api, account)));
    expect(await whoAmI(there.api, account.accessToken)).toEqual(REFUSED);
    expect(await reissue(there.api, account.refreshToken)).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    expect((await listSessions(second.accessToken)).items).toHaveLength(20);
  });
});

describe('DELETE /auth/sessions', () => {
  it('ends one session immediately, also on the other instance', async () => {
    const account = await signUp(here.api);
    const phone = await logIn(here.api, account);
    const { items } = await listSessions(phone.accessToken);
    const id = items.find((each) => each.current)?.id;
    expect((await here.api.delete(`/auth/sessions/${id}`, { token: account.accessToken })).status).toBe(204);
    expect(await whoAmI(there.api, phone.accessToken)).toEqual(REFUSED);
    expect(await reissue(there.api, phone.refreshToken)).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    expect(await whoAmI(there.api, account.accessToken)).toMatchObject({ status: 200 });
  });

  it('answers 404 for an unknown, invalid or other user’s session', async () => {
    const [mine, theirs] = [await signUp(here.api), await signUp(here.api)];
    const id = (await listSessions(theirs.accessToken)).items[0]?.id ?? '';
    for (const each of [id, randomUUID(), 'x', '%2A', id.toUpperCase()]) {
      const { status, body } = await here.api.delete(`/auth/sessions/${each}`, { token: mine.accessToken });
      expect([status, body['code']]).toEqual([404, 'SESSION_NOT_FOUND']);
    }
    expect(await whoAmI(here.api, theirs.accessToken)).toMatchObject({ status: 200 });
  });

  it('without an id ends all other sessions', async () => {
    const account = await signUp(here.api);
    const others = [await logIn(here.api, account), await logIn(there.api, account)];
    expect((await here.api.delete('/auth/sessions', { token: account.accessToken })).status).toBe(204);
    for (const { accessToken } of others) expect(await whoAmI(there.api, accessToken)).toEqual(REFUSED);
    expect(await whoAmI(there.api, account.accessToken)).toMatchObject({ status: 200 });
    expect((await listSessions(account.accessToken)).items).toHaveLength(1);
  });
});

describe('POST /auth/logout', () => {
  it('takes effect immediately on the other instance, and is idempotent', async () => {
    const { accessToken, refreshToken } = await signUp(here.api);
    const call = { token: accessToken, headers: { refresh: refreshToken } };
    expect((await here.api.post('/auth/logout', undefined, call)).status).toBe(204);
    expect(await whoAmI(there.api, accessToken)).toEqual(REFUSED);
    expect((await there.api.post('/auth/logout', undefined, call)).status).toBe(204);
    const onlyRefresh = { headers: { refresh: refreshToken } };
    expect((await there.api.post('/auth/logout', undefined, onlyRefresh)).status).toBe(204);
    expect(await whoAmI(there.api, accessToken)).toEqual(REFUSED);
  });

  it.each([
    ['valid', (token: string) => Promise.resolve(token)],
    ['consumed', async (token: string) => {
      await reissue(here.api, token);
      return token;
    }],
  ])('ends the session of a refresh token that is %s, also with an invalid access token', async (_how, use) => {
    for (const token of [undefined, 'made.up.token', 'BearerBearer']) {
      const [account, other] = [await signUp(here.api), await signUp(here.api)];
      const headers = { refresh: await use(account.refreshToken) };
      expect((await there.api.post('/auth/logout', undefined, { token, headers })).status).toBe(204);
      expect(await whoAmI(here.api, account.accessToken)).toEqual(REFUSED);
      expect(await whoAmI(here.api, other.accessToken)).toMatchObject({ status: 200 });
    }
  });

  it('ends the session of an expired access token, whatever the Refresh header', async () => {
    const [account, other] = [await signUp(brief.api), await signUp(here.api)];
    await until(async () => (await whoAmI(here.api, account.accessToken)).code === 'ACCESS_TOKEN_EXPIRED');
    const call = { token: account.accessToken, headers: { refresh: other.refreshToken } };
    expect((await here.api.post('/auth/logout', undefined, call)).status).toBe(204);
    expect(await reissue(here.api, account.refreshToken)).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    expect(await reissue(here.api, other.refreshToken)).toMatchObject({ status: 200 });
  });

  it('rejects a forged refresh token and keeps the session it names', async () => {
    const { accessToken, refreshToken } = await signUp(here.api);
    for (const place of [0, 30, 50, 95]) {
      const other = refreshToken[place] === 'A' ? 'B' : 'A';
      const refresh = refreshToken.slice(0, place) + other + refreshToken.slice(place + 1);
      const { status } = await here.api.post('/auth/logout', undefined, { headers: { refresh } });
      // A changed user or session id names an absent session.
      expect([204, 401]).toContain(status);
      expect(await whoAmI(here.api, accessToken)).toMatchObject({ status: 200 });
    }
  });

  it('revokes the token in every spelling', async () => {
    const { accessToken } = await signUp(here.api);
    await here.api.post('/auth/logout', undefined, { token: accessToken });
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const last of alphabet) {
      expect(await whoAmI(there.api, accessToken.slice(0, -1) + last)).toEqual(REFUSED);
    }
  });

  it('ends only the session of the caller, whatever the Refresh header', async () => {
    const store = here.app.get<Redis>(redisToken('store'));
    const victim = await signUp(here.api);
    await reissue(here.api, victim.refreshToken);
    const theirKeys = () => store.keys(`token:{${victim.id}}:*`).then((keys) => keys.sort());
    const before = await theirKeys();
    const keyName = `token:{${victim.id}}:sessions`;
    for (const refresh of [victim.refreshToken, victim.accessToken, keyName, '*', '', 'a'.repeat(5_000)]) {
      const caller = await signUp(here.api);
      const call = { token: caller.accessToken, headers: { refresh } };
      expect((await here.api.post('/auth/logout', undefined, call)).status).toBe(204);
      expect(await whoAmI(here.api, caller.accessToken)).toEqual(REFUSED);
      expect(await reissue(here.api, caller.refreshToken)).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    }
    expect(await theirKeys()).toEqual(before);
    expect(await whoAmI(here.api, victim.accessToken)).toMatchObject({ status: 200 });
  });

  it('with the refresh token of another device of the user ends only this device', async () => {
    const account = await signUp(here.api);
    const phone = await logIn(here.api, account);
    const call = { token: account.accessToken, headers: { refresh: phone.refreshToken } };
    expect((await here.api.post('/auth/logout', undefined, call)).status).toBe(204);
    expect(await whoAmI(here.api, account.accessToken)).toEqual(REFUSED);
    expect(await whoAmI(here.api, phone.accessToken)).toMatchObject({ status: 200 });
    expect(await reissue(here.api, phone.refreshToken)).toMatchObject({ status: 200 });
  });

  it.each([
    ['nothing', {}, 'ACCESS_TOKEN_MISSING'],
    ['an access token that is none of ours', { authorization: 'Bearer made.up.token' }, 'INVALID_ACCESS_TOKEN'],
    ['an access token of the wrong form', { authorization: 'BearerBearer x' }, 'INVALID_ACCESS_TOKEN'],
    ['a refresh token of the wrong form', { refresh: 'cut short' }, 'INVALID_REFRESH_TOKEN'],
  ])('reports the cause for %s', async (_what, headers, code) => {
    const { status, body } = await here.api.post('/auth/logout', undefined, { headers });
    expect([status, body['code']]).toEqual([401, code]);
  });
});

describe('POST /auth/reissue', () => {
  it('consumes the refresh token; reuse after the window ends the session', async () => {
    const { id, refreshToken } = await signUp(here.api);
    const second = await reissue(here.api, refreshToken);
    const again = await reissue(there.api, second.pair.refreshToken);
    expect([second.status, again.status]).toEqual([200, 200]);
    expect(again.pair.refreshToken).toBe(second.pair.refreshToken);
    const store = here.app.get<Redis>(redisToken('store'));
    const [session = ''] = await store.keys(`token:{${id}}:session:*`);
    await store.hincrby(session, 'rotatedAt', -11_000);
    expect(await reissue(here.api, refreshToken)).toMatchObject({ status: 401, code: 'INVALID_REFRESH_TOKEN' });
    expect(await whoAmI(here.api, again.pair.accessToken)).toEqual(REFUSED);
  });

  it('gives 50 concurrent callers one successor over two instances', async () => {
    const { refreshToken } = await signUp(here.api);
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, i) => reissue((i % 2 ? here : there).api, refreshToken)),
    );
    expect(new Set(responses.map((each) => `${each.status} ${each.pair.refreshToken}`)).size).toBe(1);
    expect(await whoAmI(here.api, responses[0]?.pair.accessToken ?? '')).toMatchObject({ status: 200 });
  });

  it('reads the refresh token from the header only', async () => {
    const { refreshToken } = await signUp(here.api);
    const responses = [
      await here.api.post('/auth/reissue'),
      await here.api.post(`/auth/reissue?refresh=${refreshToken}`),
      await here.api.post('/auth/reissue', { refreshToken }),
      await here.api.post('/auth/reissue', undefined, { token: refreshToken }),
    ];
    for (const { status, body } of responses) expect([status, body['code']]).toEqual([401, 'INVALID_REFRESH_TOKEN']);
    expect(await reissue(here.api, refreshToken)).toMatchObject({ status: 200 });
  });

  it('ignores the expired access token that clients send', async () => {
    const { refreshToken } = await signUp(here.api);
    const call = { token: 'expired', headers: { refresh: refreshToken } };
    expect((await here.api.post('/auth/reissue', undefined, call)).status).toBe(200);
  });

  it('is the only route that accepts a refresh token', async () => {
    const { refreshToken } = await signUp(here.api);
    const { status } = await here.api.get('/users/me', { headers: { refresh: refreshToken } });
    expect(status).toBe(401);
  });
});
