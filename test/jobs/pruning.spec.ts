import { Redis } from 'ioredis';
import { UnrecoverableError } from '../../src/jobs/index.js';
import { pruneJobs } from '../../src/jobs/prune-jobs.job.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';

const DAY_MS = 86_400_000;

describe('pruning of ended jobs', () => {
  const servers = useServers({ each: true });
  let client: Redis;
  let app: JobsTestApp;

  beforeEach(async () => {
    client = new Redis(servers.redisUrl);
    app = await createJobsApp(servers);
    await app.probe.createTable();
    app.probe.act = async (word, context) => {
      await app.jobs.once(context, () => app.probe.write(word));
      if (word === 'dies') throw new UnrecoverableError('dead');
    };
  });
  servers.beforeDrop(async () => {
    await app.close();
    client.disconnect();
  });

  const untilState = (id: string, state: string) =>
    until(async () => (await app.jobs.status(id))?.state === state);
  const run = async (word: string, key = word) => {
    const id = await app.jobs.add(probe, { word }, { key });
    await untilState(id, word === 'dies' ? 'failed' : 'completed');
    return id;
  };
  /** Sets the end of a job to the given number of days ago. */
  const age = async (id: string, days: number) => {
    const state = (await app.jobs.status(id))?.state ?? '';
    const endedAt = Date.now() - days * DAY_MS;
    await client.hset(`{jobs}:jobs:${id}`, 'finishedOn', endedAt);
    await client.zadd(`{jobs}:jobs:${state}`, endedAt, id);
  };
  const ageRecords = (days: number) =>
    app.probe.query(`UPDATE job_run SET done_at = now() - $1 * interval '1 day'`, [days]);
  const prune = async () => untilState(await app.jobs.add(pruneJobs, {}), 'completed');
  const records = async () =>
    ((await app.probe.query('SELECT job_id AS id FROM job_run')) as { id: string }[]).map(({ id }) => id);

  it('deletes completed jobs after a day and dead jobs after thirty', async () => {
    const [done, dead, fresh] = [await run('done'), await run('dies'), await run('fresh')];
    await age(done, 1.1);
    await age(dead, 29);
    await prune();
    expect(await app.jobs.status(done)).toBeNull();
    expect((await app.jobs.status(dead))?.state).toBe('failed');
    expect((await app.jobs.status(fresh))?.state).toBe('completed');
    await age(dead, 31);
    await prune();
    expect(await app.jobs.status(dead)).toBeNull();
  });

  it('allows a key to take effect again after the deletion of its job', async () => {
    const first = await run('remind');
    expect(await run('remind')).toBe(first);
    expect(await app.probe.words()).toEqual(['remind']);
    await age(first, 2);
    await prune();
    expect(await run('remind')).toBe(first);
    expect(await app.probe.words()).toEqual(['remind', 'remind']);
  });

  it('respects run records of an older release, which have no time, until they are pruned', async () => {
    const addedAt = new Date();
    await app.probe.query('INSERT INTO job_run (job_id) VALUES ($1)', ['of the old version']);
    const effect = () => app.probe.write('again');
    expect(await app.jobs.once({ id: 'of the old version', addedAt }, effect)).toBe(false);
    expect(await app.jobs.once({ id: 'another', addedAt }, effect)).toBe(true);
    await ageRecords(2);
    await prune();
    expect(await app.jobs.once({ id: 'of the old version', addedAt }, effect)).toBe(true);
  });

  it('keeps the run record of a job for as long as it can run again', async () => {
    const [dead] = [await run('dies'), await run('done')];
    await age(await run('done'), 2);
    await ageRecords(400);
    await prune();
    expect(await records()).toEqual([dead]);
    await (await app.queue.getJob(dead))?.retry();
    await until(async () => Number((await app.queue.getJob(dead))?.attemptsMade) > 1);
    expect(await app.probe.words()).toEqual(['dies', 'done']);
  });
});
