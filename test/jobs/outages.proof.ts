import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../../src/common/index.js';
import { provideRedisCluster } from '../support/redis-cluster.js';
import { stopwatch } from '../support/stopwatch.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';

describe('JobQueue on a Redis that is unavailable, frozen or a Cluster', () => {
  const servers = useServers({ each: true });
  let producer: JobsTestApp;

  beforeEach(async () => {
    producer = await createJobsApp(servers, { works: false });
    await producer.probe.createTable();
  });
  servers.beforeDrop(() => producer.close());

  it('keeps new jobs in the outbox while Redis is unavailable and runs them afterwards', async () => {
    const worker = await createJobsApp(servers);
    const words: string[] = [];
    worker.probe.act = (word) => {
      words.push(word);
      return Promise.resolve();
    };
    await servers.redis.stop();
    const elapsedMs = stopwatch();
    const id = await producer.jobs.add(probe, { word: 'late' });
    expect(elapsedMs()).toBeLessThan(1_000);
    await expect(producer.jobs.status(id).catch(isUnavailable)).resolves.toBe(true);
    await sleep(1_500);
    await servers.redis.start();
    await until(() => words.includes('late'));
    await worker.close();
  });

  it('delays neither callers nor shutdown while Redis is frozen', async () => {
    const worker = await createJobsApp(servers);
    servers.redis.pause();
    const elapsedMs = stopwatch();
    await producer.jobs.add(probe, { word: 'frozen' });
    expect(elapsedMs()).toBeLessThan(1_000);
    await expect(producer.jobs.status('any').catch(isUnavailable)).resolves.toBe(true);
    await worker.close();
    expect(elapsedMs()).toBeLessThan(9_000);
    servers.redis.resume();
  });

  it('works on a Redis Cluster', async () => {
    const cluster = await provideRedisCluster({ role: 'store' });
    const clustered = { databaseUrl: servers.databaseUrl, redisUrl: cluster.url };
    const [adding, working] = [await createJobsApp(clustered, { works: false }), await createJobsApp(clustered)];
    const words: string[] = [];
    working.probe.act = (word, { attempt }) => {
      words.push(`${word} ${attempt}`);
      return attempt < 2 ? Promise.reject(new Error('again')) : Promise.resolve();
    };
    const { jobs } = adding;
    const ids = [await jobs.add(probe, { word: 'a' }), await jobs.add(probe, { word: 'b' }, { key: 'b' })];
    const isDone = async (id: string) => (await jobs.status(id))?.state === 'completed';
    await until(async () => (await Promise.all(ids.map(isDone))).every(Boolean));
    expect(words.sort()).toEqual(['a 1', 'a 2', 'b 1', 'b 2']);
    await until(() => working.probe.ticks.length > 1);
    await Promise.all([adding.close(), working.close()]);
    await cluster.drop();
  });
});
