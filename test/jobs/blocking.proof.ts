import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { killChildren, startChild } from './children.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';

/** Locks that expire while a handler blocks its process, which is detected soon after. */
const SHORT_LOCKS = { lockMs: 1_000, stalledCheckMs: 300, graceMs: 500, concurrency: 1 };
/** Attempts of `probe`. */
const ATTEMPTS = 4;
/** Each run blocks its process for 2 s. */
const TIME_MS = 60_000;

describe('a job that blocks its event loop longer than its lock lasts', () => {
  const servers = useServers();
  let app: JobsTestApp;

  beforeAll(async () => {
    app = await createJobsApp(servers, { works: false });
    await app.probe.createTable();
  });
  afterEach(() => killChildren());
  servers.beforeDrop(async () => {
    await app.close();
  });

  const start = (count: number) =>
    Promise.all(Array.from({ length: count }, () => startChild({
      servers, settings: SHORT_LOCKS, action: 'work', once: true,
    })));

  it.each([
    ['blocks', 1], ['blocks and goes on', 1], ['blocks and throws', 2], ['blocks and reacts', 2],
  ])('fails after its attempts: %s, with %i process(es)', async (word, processes) => {
    const workers = await start(processes);
    const id = await app.jobs.add(probe, { word });
    await until(async () => (await app.jobs.status(id))?.state === 'failed', TIME_MS);
    expect(await app.jobs.status(id)).toMatchObject({
      attempts: ATTEMPTS, failure: expect.stringContaining('lost its lock'),
    });
    expect((await app.jobs.list('failed', 100)).jobs.map((job) => job.id)).toContain(id);
    const begun = workers.flatMap((worker) => worker.begun);
    expect(begun.length).toBeGreaterThanOrEqual(ATTEMPTS);
    // A process may take the job before the one that lost it could count the attempt.
    expect(begun.length).toBeLessThan(ATTEMPTS + processes);
  }, TIME_MS * 1.5);

  it('completes when a later attempt does not block', async () => {
    await start(1);
    const id = await app.jobs.add(probe, { word: 'blocks once' });
    await until(async () => (await app.jobs.status(id))?.state === 'completed', TIME_MS);
    expect((await app.jobs.status(id))?.attempts).toBeGreaterThan(1);
  }, TIME_MS * 1.5);

  it('loses no attempt when its process is killed', async () => {
    for (let kills = 0; kills < 2; kills += 1) {
      const [worker] = await start(1);
      if (kills === 0) await app.jobs.add(probe, { word: 'blocks for ever' }, { key: 'for ever' });
      await until(() => worker?.begun.includes('blocks for ever') === true, TIME_MS);
      worker?.kill('SIGKILL');
      await worker?.exit;
    }
    const id = await app.jobs.add(probe, { word: 'blocks for ever' }, { key: 'for ever' });
    expect(await app.jobs.status(id)).toMatchObject({ attempts: 0, failure: null });
  }, TIME_MS * 1.5);
});
