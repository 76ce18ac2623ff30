import { JobWorker, type JobContext } from '../../src/jobs/index.js';
import { provideProxy } from '../support/tcp-proxy.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';

describe('jobs whose connections the network has dropped silently', () => {
  const servers = useServers();

  it('run again on new connections after about twelve seconds', async () => {
    const proxy = await provideProxy(servers.redisUrl);
    const producer = await createJobsApp(servers, { works: false });
    const { databaseUrl } = servers;
    const worker = await createJobsApp({ databaseUrl, redisUrl: proxy.url }, { settings: { concurrency: 1 } });
    const words: string[] = [];
    let finish: () => void = () => undefined;
    worker.probe.act = (word) => {
      words.push(word);
      return word === 'first' ? new Promise((resolve) => (finish = resolve)) : Promise.resolve();
    };
    await producer.jobs.add(probe, { word: 'first' });
    await until(() => words.length === 1);
    proxy.forget();
    finish();
    await producer.jobs.add(probe, { word: 'second' });
    await until(() => words.includes('second'), 20_000);
    await Promise.all([worker.close(), producer.close()]);
    await proxy.close();
  });
});

describe('the abort signal and lock of a job', () => {
  const servers = useServers({ each: true });
  let producer: JobsTestApp;
  let worker: JobsTestApp;
  let begun: { word: string; context: JobContext }[];
  let finish: () => void;

  beforeEach(async () => {
    producer = await createJobsApp(servers, { works: false });
    worker = await createJobsApp(servers, { settings: { concurrency: 1, lockMs: 1_000, stalledCheckMs: 500 } });
    begun = [];
    finish = () => undefined;
    worker.probe.act = (word, context) => {
      begun.push({ word, context });
      return new Promise((resolve) => (finish = resolve));
    };
  });
  servers.beforeDrop(async () => {
    servers.redis.resume();
    finish();
    await Promise.all([worker.close(), producer.close()]);
  });

  it('fires the signal when the lock has expired while Redis is unreachable, and not before', async () => {
    await producer.jobs.add(probe, { word: 'long' });
    await until(() => begun.length === 1);
    const { signal } = begun[0]?.context ?? {};
    // Longer than the duration of the lock, which is renewed meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(signal?.aborted).toBe(false);
    servers.redis.pause();
    await until(() => signal?.aborted === true, 3_000);
  });

  it('gives a restarted job in the same process a lock of its own', async () => {
    await worker.close();
    const both = await createJobsApp(servers, { settings: { concurrency: 2, lockMs: 1_000, stalledCheckMs: 500 } });
    const finishes: (() => void)[] = [];
    both.probe.act = (word, context) => {
      begun.push({ word, context });
      return new Promise((resolve) => finishes.push(resolve));
    };
    const id = await producer.jobs.add(probe, { word: 'twice' });
    await until(() => begun.length === 1);
    servers.redis.pause();
    await until(() => begun[0]?.context.signal.aborted === true, 3_000);
    servers.redis.resume();
    await until(() => begun.length === 2, 20_000);
    expect(begun[1]?.context.signal.aborted).toBe(false);
    finishes[0]?.();
    await until(async () => (await producer.jobs.status(id))?.attempts === 1);
    servers.redis.pause();
    await until(() => begun[1]?.context.signal.aborted === true, 3_000);
    servers.redis.resume();
    for (const end of finishes) end();
    await both.close();
  }, 60_000);

  it('begins no job after a stop that came before the first job', async () => {
    const jobWorker = producer.module.get(JobWorker);
    await worker.close();
    await jobWorker.beforeApplicationShutdown();
    jobWorker.start();
    const id = await producer.jobs.add(probe, { word: 'nobody' });
    await until(async () => (await producer.jobs.status(id)) !== null);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await producer.jobs.status(id))?.state).toBe('waiting');
  });

  it('returns a job fetched during the stop without a counted attempt', async () => {
    await producer.jobs.add(probe, { word: 'first' });
    await until(() => begun.length === 1);
    const id = await producer.jobs.add(probe, { word: 'second' });
    await until(async () => (await producer.jobs.status(id))?.state === 'waiting');
    servers.redis.pause();
    finish();
    // Long enough for the reply to be abandoned, too short for Redis to receive the command.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = worker.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    servers.redis.resume();
    await closed;
    await until(async () => (await producer.jobs.status(id))?.state === 'waiting');
    expect(await producer.jobs.status(id)).toMatchObject({ attempts: 0, failure: null });
    expect(begun.map(({ word }) => word)).toEqual(['first']);
  });
});
