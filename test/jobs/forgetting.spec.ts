import { Redis } from 'ioredis';
import { UnrecoverableError } from '../../src/jobs/index.js';
import { forgetJobs } from '../../src/jobs/prune-jobs.job.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';

const DAY_MS = 86_400_000;

describe('ended jobs', () => {
  const servers = useServers({ each: true });
  let client: Redis;
  let app: JobsTestApp;

  beforeEach(async () => {
    client = new Redis(servers.redisUrl);
    app = await createJobsApp(servers);
    await app.probe.open();
    app.probe.act = async (word, context) => {
      await app.jobs.once(context, () => app.probe.write(word));
      if (word === 'dies') throw new UnrecoverableError('dead');
    };
  });
  servers.beforeDrop(async () => {
    await app.close();
    client.disconnect();
  });

  const untilIt = (id: string, state: string) =>
    until(async () => (await app.jobs.status(id))?.state === state);
  const run = async (word: string, key = word) => {
    const id = await app.jobs.add(probe, { word }, { key });
    await untilIt(id, word === 'dies' ? 'failed' : 'completed');
    return id;
  };
  /** As though they had ended, or been noted, some days ago. */
  const age = async (id: string, days: number) => {
    const state = (await app.jobs.status(id))?.state ?? '';
    const endedAt = Date.now() - days * DAY_MS;
    await client.hset(`{jobs}:jobs:${id}`, 'finishedOn', endedAt);
    await client.zadd(`{jobs}:jobs:${state}`, endedAt, id);
  };
  const ageNotes = (days: number) =>
    app.probe.query(`UPDATE job_run SET done_at = now() - $1 * interval '1 day'`, [days]);
  const forget = async () => untilIt(await app.jobs.add(forgetJobs, {}), 'completed');
  const notes = async () =>
    ((await app.probe.query('SELECT job_id AS id FROM job_run')) as { id: string }[]).map(({ id }) => id);

  it('are deleted after a day, dead ones after thirty', async () => {
    const [done, dead, fresh] = [await run('done'), await run('dies'), await run('fresh')];
    await age(done, 1.1);
    await age(dead, 29);
    await forget();
    expect(await app.jobs.status(done)).toBeNull();
    expect((await app.jobs.status(dead))?.state).toBe('failed');
    expect((await app.jobs.status(fresh))?.state).toBe('completed');
    await age(dead, 31);
    await forget();
    expect(await app.jobs.status(dead)).toBeNull();
  });

  it('take effect again when their key is reused after that', async () => {
    const first = await run('remind');
    expect(await run('remind')).toBe(first);
    expect(await app.probe.words()).toEqual(['remind']);
    await age(first, 2);
    await forget();
    expect(await run('remind')).toBe(first);
    expect(await app.probe.words()).toEqual(['remind', 'remind']);
  });

  it('take effect once when an older release recorded them without a time', async () => {
    const addedAt = new Date();
    await app.probe.query('INSERT INTO job_run (job_id) VALUES ($1)', ['of the old version']);
    const effect = () => app.probe.write('again');
    expect(await app.jobs.once({ id: 'of the old version', addedAt }, effect)).toBe(false);
    expect(await app.jobs.once({ id: 'another', addedAt }, effect)).toBe(true);
    await ageNotes(2);
    await forget();
    expect(await app.jobs.once({ id: 'of the old version', addedAt }, effect)).toBe(true);
  });

  it('keep their run record for as long as they can run again', async () => {
    const [dead] = [await run('dies'), await run('done')];
    await age(await run('done'), 2);
    await ageNotes(400);
    await forget();
    expect(await notes()).toEqual([dead]);
    await (await app.queue.getJob(dead))?.retry();
    await until(async () => Number((await app.queue.getJob(dead))?.attemptsMade) > 1);
    expect(await app.probe.words()).toEqual(['dies', 'done']);
  });
});
