import { PasswordHasher } from '../src/auth/index.js';
import { SessionStore } from '../src/tokens/session-store.js';
import { type Account, logIn, reissue, signUp, whoAmI } from './support/accounts.js';
import { useApp } from './support/app.js';
import { provideRedis, type ProvidedServer } from './support/services.js';
import { until } from './support/until.js';
import { keepTimeLimits } from './support/time-limits.js';

keepTimeLimits();

const NEXT = 'chestnuts under the maple';

let store: ProvidedServer;

beforeAll(async () => {
  store = await provideRedis();
});
const app = useApp(() => ({ env: { REDIS_URL: store.url, REDIS_CACHE_URL: `${store.url}/1` } }));
afterAll(() => store.drop());

function change({ accessToken, password }: Account, newPassword = NEXT, currentPassword = password) {
  return app.api.put('/auth/password', { token: accessToken, body: { currentPassword, newPassword } });
}

async function canLogIn({ email }: Account, password: string): Promise<boolean> {
  return (await app.api.post('/auth/login', { email, password })).status === 200;
}

/** Promise with its resolve function. */
class Deferred {
  resolve: () => void = () => undefined;
  readonly promise = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });
}

describe('PUT /auth/password', () => {
  it('changes the password and ends every other session', async () => {
    const account = await signUp(app.api);
    const phone = await logIn(app.api, account);
    expect((await change(account)).status).toBe(204);
    expect([await canLogIn(account, account.password), await canLogIn(account, NEXT)]).toEqual([false, true]);
    expect(await whoAmI(app.api, phone.accessToken)).toEqual({ status: 401, code: 'INVALID_ACCESS_TOKEN' });
    expect(await reissue(app.api, phone.refreshToken)).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
    expect(await whoAmI(app.api, account.accessToken)).toMatchObject({ status: 200 });
    expect(await reissue(app.api, account.refreshToken)).toMatchObject({ status: 200 });
  });

  it('requires the current password', async () => {
    const account = await signUp(app.api);
    const { status, body } = await change(account, NEXT, 'not this one');
    expect([status, body['code']]).toEqual([401, 'INVALID_CREDENTIALS']);
    expect(await canLogIn(account, account.password)).toBe(true);
  });

  it('rejects a weak or short password with a pointer', async () => {
    const account = await signUp(app.api);
    for (const [next, code] of [['ecogreen2026', 'PASSWORD_TOO_WEAK'], ['short', 'VALIDATION_FAILED']] as const) {
      const { status, body } = await change(account, next);
      expect([status, body['code']]).toEqual([400, code]);
      expect(body['errors']).toEqual([{ pointer: '#/newPassword', detail: expect.any(String) }]);
    }
  });

  it('rejects a concurrent login that verified the old password', async () => {
    const account = await signUp(app.api);
    const hasher = app.app.get(PasswordHasher);
    const verify = hasher.verify.bind(hasher);
    const [verified, changed] = [new Deferred(), new Deferred()];
    jest.spyOn(hasher, 'verify').mockImplementationOnce(async (hash, password) => {
      const matches = await verify(hash, password);
      verified.resolve();
      await changed.promise;
      return matches;
    });
    const login = app.api.post('/auth/login', { email: account.email, password: account.password });
    await verified.promise;
    expect((await change(account)).status).toBe(204);
    changed.resolve();
    expect((await login).body['code']).toBe('INVALID_CREDENTIALS');
    jest.restoreAllMocks();
  });

  it('changes nothing while the durable Redis is unavailable', async () => {
    const account = await signUp(app.api);
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
