import { aUser, logIn, reissue, whoAmI, type Account } from './support/accounts.js';
import { createApp, type TestApp } from './support/app.js';
import { provideRedis, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';
import { SessionStore } from '../src/tokens/session-store.js';

const NEXT = 'chestnuts under the maple';

let app: TestApp;
let store: ProvidedServer;

beforeAll(async () => {
  store = await provideRedis();
  app = await createApp({ env: { REDIS_URL: store.url, REDIS_CACHE_URL: `${store.url}/1` } });
});

afterAll(async () => {
  await app.close();
  await store.drop();
});

function change({ accessToken, password }: Account, newPassword = NEXT, currentPassword = password) {
  return app.api.put('/auth/password', { token: accessToken, body: { currentPassword, newPassword } });
}

async function canLogIn({ email }: Account, password: string): Promise<boolean> {
  return (await app.api.post('/auth/login', { email, password })).status === 200;
}

describe('PUT /auth/password', () => {
  it('changes the password, ends every other session and keeps the one that asks', async () => {
    const account = await aUser(app.api);
    const phone = await logIn(app.api, account);
    expect((await change(account)).status).toBe(204);
    expect([await canLogIn(account, account.password), await canLogIn(account, NEXT)]).toEqual([false, true]);
    expect(await whoAmI(app.api, phone.accessToken)).toEqual({ status: 401, code: 'INVALID_ACCESS_TOKEN' });
    expect(await reissue(app.api, phone.refreshToken)).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    expect(await whoAmI(app.api, account.accessToken)).toMatchObject({ status: 200 });
    expect(await reissue(app.api, account.refreshToken)).toMatchObject({ status: 200 });
  });

  it('needs the current one', async () => {
    const account = await aUser(app.api);
    const { status, body } = await change(account, NEXT, 'not this one');
    expect([status, body['code']]).toEqual([401, 'INVALID_CREDENTIALS']);
    expect(await canLogIn(account, account.password)).toBe(true);
  });

  it('refuses a new one that is easy to guess or too short, and points at it', async () => {
    const account = await aUser(app.api);
    for (const [next, code] of [['ecogreen2026', 'PASSWORD_TOO_GUESSABLE'], ['short', 'VALIDATION_FAILED']] as const) {
      const { status, body } = await change(account, next);
      expect([status, body['code']]).toEqual([400, code]);
      expect(body['errors']).toEqual([{ pointer: '#/newPassword', detail: expect.any(String) }]);
    }
  });

  it('leaves no session to a login with the old password that comes at the same time', async () => {
    for (let round = 0; round < 6; round++) {
      const account = await aUser(app.api);
      const { email, password } = account;
      const logins = Array.from({ length: 4 }, () => app.api.post('/auth/login', { email, password }));
      const [changed, ...answers] = await Promise.all([change(account), ...logins]);
      expect(changed.status).toBe(204);
      for (const { status, body } of answers.filter((each) => each.status === 200)) {
        expect(status).toBe(200);
        expect(await whoAmI(app.api, String(body['accessToken']))).toMatchObject({ status: 401 });
      }
    }
  });

  it('with the durable Redis away changes nothing', async () => {
    const account = await aUser(app.api);
    const endOthers = jest.spyOn(SessionStore.prototype, 'endOthers');
    endOthers.mockImplementationOnce(async function freezeFirst(this: SessionStore, userId, sessionId) {
      store.pause();
      return this.endOthers(userId, sessionId);
    });
    const { status, body } = await change(account);
    expect([status, body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    store.resume();
    await until(() => canLogIn(account, account.password));
    expect(await canLogIn(account, NEXT)).toBe(false);
    endOthers.mockRestore();
  });
});
