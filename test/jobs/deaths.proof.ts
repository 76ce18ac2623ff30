import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom, SEED } from '../support/seeded-random.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { endChildren, startChild, type Child, type Order } from './children.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';
import { stopwatch } from '../support/stopwatch.js';

/** So many jobs lose their process while they run; with `KILLS`, so many processes are killed instead. */
const CUT_DOWN = 200;
const KILLS = Number(process.env['KILLS'] ?? 0);
/** What is cut down is done by another soon. On a busy machine a job may lose its lock while it runs: it bears that. */
const SOON = { lockMs: 1_500, stalledCheckMs: 500, graceMs: 1_500, concurrency: 25 };

describe(`jobs of processes that end (SEED=${SEED})`, () => {
  const servers = useServers({ each: true });
  let app: JobsTestApp;

  beforeEach(async () => {
    app = await createJobsApp(servers, { works: false });
    await app.probe.open();
  });
  servers.beforeDrop(async () => {
    await endChildren();
    await app.close();
  });

  const start = (order: Partial<Order> = {}) =>
    startChild({ servers, settings: SOON, action: 'work', once: true, ...order });
  const stateOf = async (id: string) => (await app.jobs.status(id))?.state;
  const begins = (child: Child, word: string) => until(() => child.begun.includes(word), 20_000);

  it('are neither lost by a crash after the commit nor created by one before it', async () => {
    const actions = ['asks, dies before the commit', 'asks, dies after the commit'] as const;
    for (const action of actions) expect(await (await start({ action })).exit).toMatchObject({ signal: 'SIGKILL' });
    const worker = await start();
    await begins(worker, actions[1]);
    await until(async () => (await app.probe.words()).length > 0);
    await sleep(1_000);
    expect(await app.probe.words()).toEqual([actions[1]]);
  });

  it('finish before shutdown if they are quick, while no other job begins', async () => {
    const worker = await start({ settings: { ...SOON, concurrency: 2, graceMs: 20_000 } });
    const ids = await Promise.all([1, 2, 3].map((at) => app.jobs.add(probe, { word: `short ${at}` })));
    await until(() => worker.begun.length === 2, 20_000);
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect((await Promise.all(ids.map(stateOf))).sort()).toEqual(['completed', 'completed', 'waiting']);
  });

  it('move to another process when they react to the abort signal, without a counted attempt', async () => {
    const worker = await start();
    const id = await app.jobs.add(probe, { word: 'heeds' });
    await begins(worker, 'heeds');
    worker.kill('SIGTERM');
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect(await app.jobs.status(id)).toMatchObject({ state: 'waiting', attempts: 0, failure: null });
    await begins(await start(), 'heeds');
  });

  it('move to another process after their lock expires when they ignore the abort signal', async () => {
    const worker = await start();
    const id = await app.jobs.add(probe, { word: 'is deaf' });
    await begins(worker, 'is deaf');
    worker.kill('SIGTERM');
    const elapsedMs = stopwatch();
    expect(await worker.exit).toMatchObject({ code: 0 });
    expect(elapsedMs()).toBeLessThan(15_000);
    expect(await stateOf(id)).toBe('active');
    await begins(await start(), 'is deaf');
    expect(await app.jobs.status(id)).toMatchObject({ state: 'active', attempts: 0 });
  });

  /** Three processes work; one after the other is killed in mid-job, and another takes its place meanwhile. */
  const killing = async (once: boolean, isEnough: (kills: number, cut: number) => boolean | Promise<boolean>) => {
    const random = seededRandom(SEED);
    const words: string[] = [];
    const workers = [start({ once }), start({ once }), start({ once })];
    let [kills, cut] = [0, 0];
    const feed = async () => {
      const more = Array.from({ length: 60 }, (_, at) => `word ${String(words.length + at).padStart(6, '0')}`);
      words.push(...more);
      const add = () => Promise.all(more.map((word) => app.jobs.add(probe, { word }, { key: word })));
      // A busy machine may let a connection wait too long.
      await until(() => app.outbox.transaction(add).then(() => true, () => false));
    };
    for (; !(await isEnough(kills, cut)); kills += 1) {
      const victim = await (workers[kills % 3] as Promise<Child>);
      const before = victim.begun.length;
      const hasBegun = () => victim.begun.length > before;
      // The others may be quicker, and leave it none.
      for (let turn = 0; !hasBegun() && turn < 100; turn += 1) {
        await feed();
        await until(hasBegun, 500).catch(() => undefined);
      }
      await sleep(random() * 40);
      victim.kill('SIGKILL');
      await victim.exit;
      cut += victim.begun.length - victim.ended.length;
      workers[kills % 3] = start({ once });
    }
    const isIdle = async () => {
      const counts = await app.queue.getJobCounts('wait', 'prioritized', 'delayed', 'active');
      // The schedules of `tick` and of what the module does itself are always there.
      return Object.values(counts).reduce((sum, each) => sum + each, 0) <= 2;
    };
    await Promise.all(workers);
    await until(isIdle, 60_000);
    return { words, kills, cut };
  };

  it(`take effect exactly once when their process is killed during ${CUT_DOWN} of them`, async () => {
    const isEnough = (kills: number, cut: number) => (KILLS > 0 ? kills === KILLS : cut >= CUT_DOWN);
    const { words, kills, cut } = await killing(true, isEnough);
    expect({ seed: SEED, words: await app.probe.words() }).toEqual({ seed: SEED, words: words.sort() });
    expect(cut).toBeGreaterThanOrEqual(KILLS || CUT_DOWN);
    expect((await app.jobs.list('failed', 10)).jobs).toEqual([]);
    if (KILLS > 0) process.stderr.write(`${kills} kills, ${words.length} jobs, ${cut} of them cut down\n`);
  }, 360_000 + KILLS * 10_000);

  it('take effect twice without Jobs.once', async () => {
    const isDouble = async () => {
      const words = await app.probe.words();
      return new Set(words).size < words.length;
    };
    await killing(false, async (kills) => kills === 60 || (await isDouble()));
    expect(await isDouble()).toBe(true);
  }, 300_000);
});
