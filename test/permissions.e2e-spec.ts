import { UsersService } from '../src/users/index.js';
import { createApp, type TestApp } from './support/app.js';
import { aUser } from './support/factories.js';

describe('the permissions of a user, over two instances', () => {
  let here: TestApp;
  let there: TestApp;

  beforeAll(async () => {
    here = await createApp();
    const { databaseUrl: DATABASE_URL, redisUrl: REDIS_URL, redisCacheUrl: REDIS_CACHE_URL } = here.env;
    there = await createApp({ env: { DATABASE_URL, REDIS_URL, REDIS_CACHE_URL } });
  });
  afterAll(async () => {
    await there.close();
    await here.close();
  });

  it('hold from the next request on, wherever it arrives: an admin made and unmade while others ask', async () => {
    const { id, token } = await aUser(here);
    const users = here.app.get(UsersService);
    const statuses = () =>
      Promise.all([here, there].map(async ({ api }) => (await api.get('/admin/caches', { token })).status));
    for (let turn = 0; turn < 20; turn += 1) {
      // Whoever asks at the same moment may see either; whoever asks after it, only the new one.
      const meanwhile = [statuses(), users.changePermissions(id, { role: 'admin' }), statuses()];
      await meanwhile[1];
      expect(await statuses()).toEqual([200, 200]);
      await Promise.all(meanwhile);
      const demotion = [statuses(), users.changePermissions(id, { role: 'user' }), statuses()];
      await demotion[1];
      expect(await statuses()).toEqual([403, 403]);
      await Promise.all(demotion);
    }
  });
});
