import { UsersService } from '../src/users/index.js';
import { aUser } from './support/factories.js';
import { useTwoInstances } from './support/two-instances.js';

describe('permissions over two instances', () => {
  const t = useTwoInstances();

  it('apply from the next request on, on any instance, under concurrent reads', async () => {
    const { id, token } = await aUser(t.here);
    const users = t.here.app.get(UsersService);
    const statuses = () =>
      Promise.all([t.here, t.there].map(async ({ api }) => (await api.get('/admin/caches', { token })).status));
    for (let turn = 0; turn < 20; turn += 1) {
      // Concurrent requests may see either role, later requests the new one only.
      const promotion = [statuses(), users.changePermissions(id, { role: 'admin' }), statuses()];
      await promotion[1];
      expect(await statuses()).toEqual([200, 200]);
      await Promise.all(promotion);
      const demotion = [statuses(), users.changePermissions(id, { role: 'user' }), statuses()];
      await demotion[1];
      expect(await statuses()).toEqual([403, 403]);
      await Promise.all(demotion);
    }
  });
});
