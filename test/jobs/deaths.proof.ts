import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom, SEED } from '../support/seeded-random.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { killChildren, startChild, type Child, type ChildOptions } from './children.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';
import { stopwatch } from '../support/stopwatch.js';

/** Number of jobs whose process is killed while they run; with `KILLS`, the number of kills counts instead. */
const INTERRUPTIONS = 200;
const KILLS = Number(process.env['KILLS'] ?? 0);
/** Short locks, so that another worker takes over soon. A job may also lose its lock on a busy machine. */
const SHORT_LOCKS = { lockMs: 1_500, stalledCheckMs: 500, graceMs: 1_500, concurrency: 25 };

describe(`jobs of processes that shut down or crash (SEED=${SEED})`, () => {
  const servers = useServers({ each: true });
  let app: JobsTestApp;

  beforeEach(async () => {
    app = await createJobsApp(servers, { works: false });
    await app.probe.createTable();
  });
  servers.beforeDrop(async () => {
    await killChildren();
    await app.close();
  });

  const start = (options: Partial<ChildOptions> = {}) =>
    startChild({ servers, settings: SHORT_LOCKS, action: 'work', once: true, ...options });
  const stateOf = async (id: string) => (await app.jobs.status(id))?.state;
  const begins = (child: Child, word: string) => until(() => child.begun.includes(word), 20_000);

  it('are neither lost by a crash after the commit nor created by one before it', async () => {
    const actions = ['adds, dies before the commit', 'adds, dies after the commit'] as const;
    for (const action of actions) expect(await (await start({ action })).exit).toMatchObject({ signal: 'SIGKILL' });
    const worker = await start();
    await begins(worker, actions[1]);
    await until(async () => (await app.probe.words()).length > 0);
    await sleep(1_000);
    expect(await app.probe.words()).toEqual([actions[1]]);
  });

  it('finish before shutdown if they are quick, while no other job begins', async () => {
    const worker = await start({ settings: { ...SHORT_LOCKS, concurrency: 2, graceMs: 20_000 } });
    const ids = await Promise.all([1, 2, 3].map((at) => app.jobs.add(probe, { word: `short ${at}` })));
    await until(() => worker.begun.length === 2, 20_000);
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect((await Promise.all(ids.map(stateOf))).sort()).toEqual(['completed', 'completed', 'waiting']);
  });

  it('move to another process when they react to the abort signal, without a counted attempt', async () => {
    const worker = await start();
    const id = await app.jobs.add(probe, { word: 'reacts' });
    await begins(worker, 'reacts');
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect(await app.jobs.status(id)).toMatchObject({ state: 'waiting', attempts: 0, failure: null });
    await begins(await start(), 'reacts');
  });

  it('move to another process after their lock expires when they ignore the abort signal', async () => {
    const worker = await start();
    const id = await app.jobs.add(probe, { word: 'ignores' });
    await begins(worker, 'ignores');
    worker.kill('SIGTERM');
    const elapsedMs = stopwatch();
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect(elapsedMs()).toBeLessThan(15_000);
    expect(await stateOf(id)).toBe('active');
    await begins(await start(), 'ignores');
    expect(await app.jobs.status(id)).toMatchObject({ state: 'active', attempts: 0 });
  });

  /** Runs three workers; kills them in turn during a job, and starts another in the place of each. */
  const runWithKills = async (
    once: boolean,
    isEnough: (kills: number, interrupted: number) => boolean | Promise<boolean>,
  ) => {
    const random = seededRandom(SEED);
    const words: string[] = [];
    const workers = [start({ once }), start({ once }), start({ once })];
    let [kills, interrupted] = [0, 0];
    const feed = async () => {
      const more = Array.from({ length: 60 }, (_, at) => `word ${String(words.length + at).padStart(6, '0')}`);
      words.push(...more);
      const add = () => Promise.all(more.map((word) => app.jobs.add(probe, { word }, { key: word })));
      // On a busy machine the wait for a connection may time out.
      await until(() => app.outbox.transaction(add).then(() => true, () => false));
    };
    for (; !(await isEnough(kills, interrupted)); kills += 1) {
      const victim = await (workers[kills % 3] as Promise<Child>);
      const before = victim.begun.length;
      const hasBegun = () => victim.begun.length > before;
      // The others may be faster, and leave it none.
      for (let turn = 0; !hasBegun() && turn < 100; turn += 1) {
        await feed();
        await until(hasBegun, 500).catch(() => undefined);
      }
      await sleep(random() * 40);
      victim.kill('SIGKILL');
      await victim.exit;
      interrupted += victim.begun.length - victim.ended.length;
      workers[kills % 3] = start({ once });
    }
    const isIdle = async () => {
      const counts = await app.queue.getJobCounts('wait', 'prioritized', 'delayed', 'active');
      // The schedules of `tick` and of the module itself are always waiting.
      return Object.values(counts).reduce((sum, each) => sum + each, 0) <= 2;
    };
    await Promise.all(workers);
    await until(isIdle, 60_000);
    return { words, kills, interrupted };
  };

  it(`take effect exactly once when their process is killed during ${INTERRUPTIONS} of them`, async () => {
    const isEnough = (kills: number, interrupted: number) =>
      KILLS > 0 ? kills === KILLS : interrupted >= INTERRUPTIONS;
    const { words, kills, interrupted } = await runWithKills(true, isEnough);
    expect({ seed: SEED, words: await app.probe.words() }).toEqual({ seed: SEED, words: words.sort() });
    expect(interrupted).toBeGreaterThanOrEqual(KILLS || INTERRUPTIONS);
    expect((await app.jobs.list('failed', 10)).jobs).toEqual([]);
    if (KILLS > 0) process.stderr.write(`${kills} kills, ${words.length} jobs, ${interrupted} of them interrupted\n`);
  }, 360_000 + KILLS * 10_000);

  it('take effect twice without Jobs.once', async () => {
    const isDouble = async () => {
      const words = await app.probe.words();
      return new Set(words).size < words.length;
    };
    await runWithKills(false, async (kills) => kills === 60 || (await isDouble()));
    expect(await isDouble()).toBe(true);
  }, 300_000);
});
