import { Redis } from 'ioredis';
import { freePort } from '../scripts/processes.mjs';
import { createApp, type TestApp } from './support/app.js';
import { until } from './support/until.js';

const KEPT_MS = 500;

describe('readiness', () => {
  let t: TestApp;
  let redis: Redis;

  beforeAll(async () => {
    t = await createApp();
    redis = new Redis(t.env.redisUrl);
  });
  afterAll(async () => {
    redis.disconnect();
    await t.close();
  });

  it('is found out once for all who ask at the same time or soon after', async () => {
    const heard: (string | undefined)[] = [];
    const monitor = await redis.monitor();
    // The key of a probe, which is a script; not the commands that the script runs.
    monitor.on('monitor', (_time: string, [name, first, , key]: string[], source: string) => {
      if (source !== 'lua') heard.push(name === 'evalsha' ? key : first);
    });
    const startedAt = performance.now();
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => t.api.get('//health/ready')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    const atMost = 1 + Math.floor((performance.now() - startedAt) / KEPT_MS);
    await redis.get('the end');
    await until(() => heard.includes('the end'));
    monitor.disconnect();
    for (const probe of ['probe:{store}', 'probe:{cache}']) {
      const times = heard.filter((key) => key === probe).length;
      expect(times).toBeGreaterThan(0);
      expect(times).toBeLessThanOrEqual(atMost);
    }
  });

  it('is told anew when a Redis is found not to serve, and when it serves again', async () => {
    const status = async () => (await t.api.get('//health/ready')).status;
    await until(async () => (await status()) === 200);
    await redis.replicaof('127.0.0.1', await freePort());
    const guess = { email: 'nobody@example.com', password: 'not the right one' };
    expect((await t.api.post('/auth/login', guess)).status).toBe(503);
    expect(await status()).toBe(503);
    await redis.replicaof('NO', 'ONE');
    await until(async () => (await status()) === 200);
  });
});
