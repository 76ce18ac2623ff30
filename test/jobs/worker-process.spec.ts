import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/processes.mjs';
import { forgetJobs } from '../../src/jobs/forget-jobs.job.js';
import { Api } from '../support/api.js';
import { provideDatabase, provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { openOffice, type Office } from './probe.js';

const SLOW_START_MS = 30_000;

describe('a worker process', () => {
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let redis: ProvidedServer;
  let desk: Office;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    [database, redis] = await Promise.all([provideDatabase(), provideRedis()]);
    desk = await openOffice({ databaseUrl: database.url, redisUrl: redis.url }, { works: false });
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await desk.close();
    await Promise.all([database.drop(), redis.drop()]);
  });

  /** A program of the build, and the metrics it shows. */
  const start = async (program: string, env: Record<string, string> = {}) => {
    const port = await freePort();
    const child = spawn(process.execPath, [`dist/${program}.js`], {
      env: {
        ...process.env, ...env, PORT: String(port), HOST: '127.0.0.1', DATABASE_URL: database.url,
        REDIS_URL: redis.url, JWT_KEYS: 'k'.repeat(32), LOG_FORMAT: 'json',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let log = '';
    child.stdout.on('data', (chunk) => (log += String(chunk)));
    const api = new Api(`http://127.0.0.1:${port}`);
    await until(() => api.get('//health/live').then(({ status }) => status === 200, () => false), SLOW_START_MS);
    return { api, child, log: () => log };
  };

  it('does the jobs that servers leave alone, shows what it has done, and ends when told to', async () => {
    const server = await start('main', { JOBS: 'off' });
    const id = await desk.jobs.add(forgetJobs, {});
    await until(async () => (await desk.jobs.status(id)) !== null);
    await sleep(2_000);
    expect(await desk.jobs.status(id)).toMatchObject({ state: 'waiting', attempts: 0 });

    const worker = await start('worker', { JOBS: 'off' });
    await until(async () => (await desk.jobs.status(id))?.state === 'completed', SLOW_START_MS);
    const { text } = await worker.api.get('//metrics');
    expect(text).toContain('ecogreen_jobs_run_duration_seconds_count{job="forget-jobs",outcome="done"}');
    expect(text).toContain('ecogreen_jobs_queued{state="failed"} 0');
    expect((await worker.api.get('/places')).status).toBe(404);

    const exit = once(worker.child, 'exit');
    worker.child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(server.child.exitCode).toBeNull();
  }, 120_000);
});
