import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/processes.mjs';
import { pruneJobs } from '../../src/jobs/prune-jobs.job.js';
import { Api } from '../support/api.js';
import { TEST_JWT_KEYS } from '../support/boot.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { createJobsApp, type JobsTestApp } from './jobs-test-app.js';

const SLOW_START_MS = 30_000;

describe('the worker process', () => {
  const servers = useServers();
  let producer: JobsTestApp;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    producer = await createJobsApp(servers, { works: false });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.kill('SIGKILL')) await once(child, 'exit');
    }
  });
  servers.beforeDrop(async () => {
    await producer.close();
  });

  /** Starts a program of the build. */
  const run = (program: string, port: number, env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [`dist/${program}.js`], {
      env: {
        ...process.env, ...env, PORT: String(port), HOST: '127.0.0.1', DATABASE_URL: servers.databaseUrl,
        REDIS_URL: servers.redisUrl, JWT_KEYS: TEST_JWT_KEYS, LOG_FORMAT: 'json',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += String(chunk)));
    return { child, log: () => log };
  };

  /** Starts a program, and waits until it is live. */
  const start = async (program: string, env: Record<string, string> = {}) => {
    const port = await freePort();
    const { child, log } = run(program, port, env);
    const api = new Api(`http://127.0.0.1:${port}`);
    await until(() => api.get('//health/live').then(({ status }) => status === 200, () => false), SLOW_START_MS);
    return { api, child, log };
  };

  /** Number of PostgreSQL sessions whose client disappeared. */
  const abandoned = async () => {
    const sql = 'SELECT sessions_abandoned AS count FROM pg_stat_database WHERE datname = current_database()';
    return ((await producer.probe.query(sql)) as { count: string }[])[0]?.count;
  };

  it.each(['worker', 'main'])('exits without running a job when its port is taken (%s)', async (program) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const ids = await Promise.all(Array.from({ length: 50 }, () => producer.jobs.add(pruneJobs, {})));
    const states = () => Promise.all(ids.map(async (id) => (await producer.jobs.status(id))?.state));
    await until(async () => (await states()).every((state) => state === 'waiting'));
    const before = await abandoned();
    const { child, log } = run(program, port, { JOBS: 'on' });
    expect(await once(child, 'exit')).toEqual([1, null]);
    other.close();
    expect(new Set(await states())).toEqual(new Set(['waiting']));
    // A worker that waits for jobs would open another connection.
    expect(log().match(/"queue: connected"/g)).toHaveLength(1);
    expect(await abandoned()).toBe(before);
    expect(log()).toContain(
      `\n  - PORT is "${port}" and HOST is "127.0.0.1"; it must be possible to listen there: listen EADDRINUSE`,
    );
  }, 60_000);

  it('runs the jobs that API instances leave, serves metrics, and ends on SIGTERM', async () => {
    const server = await start('main', { JOBS: 'off' });
    const id = await producer.jobs.add(pruneJobs, {});
    await until(async () => (await producer.jobs.status(id)) !== null);
    await sleep(2_000);
    expect(await producer.jobs.status(id)).toMatchObject({ state: 'waiting', attempts: 0 });

    const worker = await start('worker', { JOBS: 'off' });
    await until(async () => (await producer.jobs.status(id))?.state === 'completed', SLOW_START_MS);
    const { text } = await worker.api.get('//metrics');
    expect(text).toContain('ecogreen_jobs_run_duration_seconds_count{job="prune-jobs",outcome="done"}');
    expect(text).toContain('ecogreen_jobs_queued{state="failed"} 0');
    expect((await worker.api.get('/places')).status).toBe(404);

    const exit = once(worker.child, 'exit');
    worker.child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(server.child.exitCode).toBeNull();
  }, 120_000);
});
