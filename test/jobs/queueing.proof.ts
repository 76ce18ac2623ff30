import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  defineJob, InvalidJobsError, Job, JobQueue, type JobContext, type JobDefinition,
} from '../../src/jobs/index.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { createJobsApp, Probe, probe, tick, type JobsTestApp } from './jobs-test-app.js';

const alwaysFailing = defineJob<{ word: string }>('failing', { attempts: 6, backoff: '100ms' });

@Injectable()
class AlwaysFailing {
  readonly at: number[] = [];

  @Job(alwaysFailing)
  run(_payload: { word: string }): Promise<void> {
    this.at.push(performance.now());
    return Promise.reject(new Error('not yet'));
  }
}

@Injectable()
class Twice {
  @Job(probe)
  again(): Promise<void> {
    return Promise.resolve();
  }
}

@Injectable()
class Undefined {
  @Job(undefined as unknown as JobDefinition)
  run(): Promise<void> {
    return Promise.resolve();
  }
}

describe('JobQueue', () => {
  const servers = useServers({ each: true });
  let client: Redis;
  /** Adds jobs and runs none. */
  let producer: JobsTestApp;

  beforeEach(async () => {
    client = new Redis(servers.redisUrl);
    producer = await createJobsApp(servers, { works: false, providers: [Probe, AlwaysFailing] });
    await producer.probe.createTable();
  });
  servers.beforeDrop(async () => {
    await producer.close();
    client.disconnect();
  });

  const stateOf = async (id: string) => (await producer.jobs.status(id))?.state;
  const untilAdded = (id: string) => until(async () => (await producer.jobs.status(id)) !== null);
  /** A worker that runs one job at a time, and records the runs. */
  const startWorker = async (options: Parameters<typeof createJobsApp>[1] = {}) => {
    const app = await createJobsApp(servers, { settings: { concurrency: 1 }, ...options });
    const done: { word: string; context: JobContext }[] = [];
    app.probe.act = (word, context) => {
      done.push({ word, context });
      return Promise.resolve();
    };
    const words = () => done.map(({ word }) => word);
    return { ...app, done, words };
  };

  it('runs a job once that is added twice', async () => {
    const id = await producer.jobs.add(probe, { word: 'once' });
    await untilAdded(id);
    const order = { id, name: 'probe', payload: { word: 'once' }, options: { timestamp: Date.now() } };
    await producer.outbox.addNow('jobs', [order, order]);
    const settled = await producer.outbox.checkpoint('jobs');
    await until(settled);
    const worker = await startWorker();
    await until(() => worker.done.length > 0);
    await producer.outbox.addNow('jobs', [order]);
    await until(await producer.outbox.checkpoint('jobs'));
    await sleep(300);
    expect(worker.words()).toEqual(['once']);
    await worker.close();
  });

  it('adds one job for 50 concurrent calls with one key, even after it has completed', async () => {
    const add = (key: string) => producer.jobs.add(probe, { word: key }, { key });
    const ids = await Promise.all(Array.from({ length: 50 }, () => add('report of today')));
    expect(new Set(ids).size).toBe(1);
    const other = await add('report of tomorrow');
    const worker = await startWorker();
    await until(async () => (await stateOf(other)) === 'completed' && (await stateOf(ids[0] ?? '')) === 'completed');
    expect(await add('report of today')).toBe(ids[0]);
    await until(await producer.outbox.checkpoint('jobs'));
    await sleep(300);
    expect(worker.words().sort()).toEqual(['report of today', 'report of tomorrow']);
    await worker.close();
  });

  it('runs jobs by priority, and by order of arrival within a priority', async () => {
    for (const [at, priority] of (['low', 'normal', 'high', 'low', 'normal', 'high'] as const).entries()) {
      await untilAdded(await producer.jobs.add(probe, { word: `${priority} ${at}` }, { priority }));
    }
    const worker = await startWorker();
    await until(() => worker.done.length === 6);
    expect(worker.words()).toEqual(['high 2', 'high 5', 'normal 1', 'normal 4', 'low 0', 'low 3']);
    await worker.close();
  });

  it('delays a job as requested', async () => {
    const worker = await startWorker();
    const began = Date.now();
    const id = await producer.jobs.add(probe, { word: 'later' }, { delay: '1500ms' });
    await untilAdded(id);
    expect(await stateOf(id)).toBe('delayed');
    await until(() => worker.done.length === 1);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_490);
    await worker.close();
  });

  it('backs off exponentially with up to 50 % jitter', async () => {
    const worker = await createJobsApp(servers, { providers: [Probe, AlwaysFailing] });
    const delays: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) await producer.jobs.add(alwaysFailing, { word: String(turn) });
    await until(async () => {
      const waiting = await producer.queue.getJobs('delayed', 0, 50);
      // It is 0 once the job is due.
      const third = waiting.filter(({ attemptsMade, delay }) => attemptsMade === 3 && delay > 0);
      delays.push(...third.map(({ delay }) => delay));
      return (await producer.jobs.list('failed', 50)).jobs.length === 20;
    }, 25_000);
    // 100 ms, doubled twice, less a half at most.
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...delays)).toBeLessThanOrEqual(400);
    expect(new Set(delays).size).toBeGreaterThan(3);
    expect(worker.module.get(AlwaysFailing).at).toHaveLength(120);
    await worker.close();
  });

  it('applies the effect of a job once when it runs twice concurrently', async () => {
    const addedAt = new Date();
    const context = { id: 'the same', addedAt };
    const effect = () => sleep(50).then(() => producer.probe.write('effect'));
    const first = await Promise.all(Array.from({ length: 8 }, () => producer.jobs.once(context, effect)));
    expect(first.filter(Boolean)).toHaveLength(1);
    const failing = producer.jobs.once({ id: 'another', addedAt }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await producer.jobs.once({ id: 'another', addedAt }, () => producer.probe.write('second try'))).toBe(true);
    expect(await producer.probe.words()).toEqual(['effect', 'second try']);
  });

  it('runs a schedule once for two processes, and restores it after Redis lost it', async () => {
    const settings = { scheduleCheckMs: 300 };
    const workers = [await startWorker({ settings }), await startWorker({ settings })];
    const ticks = () => workers.flatMap((each) => each.probe.ticks);
    await until(() => ticks().length >= 4);
    expect(new Set(ticks()).size).toBe(ticks().length);
    const times = ticks().map((id) => Number(id.split(':').at(-1))).sort((one, other) => one - other);
    for (const [at, time] of times.slice(1).entries()) expect(time - (times[at] ?? 0)).toBeGreaterThanOrEqual(900);
    await client.flushall();
    const before = ticks().length;
    await until(() => ticks().length >= before + 2);
    await Promise.all(workers.map((each) => each.close()));
  });

  it('removes the job of a scheduled run that failed', async () => {
    const worker = await startWorker();
    worker.probe.ticksFail = true;
    await until(() => worker.probe.ticks.length >= 3);
    await worker.close();
    expect((await producer.jobs.list('failed', 50)).jobs).toEqual([]);
  });

  it('retains a schedule while any release claims it, and does not rewrite an equal one', async () => {
    const queue = producer.module.get(JobQueue);
    const hourly = (attempts: number, every = '1h') =>
      defineJob('hourly', { attempts, schedule: { every, payload: { word: 'tick' } } });
    const reconcile = (definition: JobDefinition<{ word: string }>, unclaimedMs = 60_000) =>
      queue.reconcileSchedules([definition], unclaimedMs);
    const upsert = jest.spyOn(producer.queue, 'upsertJobScheduler');
    const scheduler = () => producer.queue.getJobScheduler('hourly');
    for (const definition of [hourly(2), hourly(2), hourly(3), hourly(2, '2h'), hourly(2)]) await reconcile(definition);
    expect(upsert).toHaveBeenCalledTimes(1);
    const template = { data: { word: 'tick' }, opts: { attempts: 2 } };
    expect(await scheduler()).toMatchObject({ every: 3_600_000, template });
    await sleep(10);
    await reconcile(hourly(3, '2h'), 5);
    expect(await scheduler()).toMatchObject({ every: 7_200_000, template: { opts: { attempts: 3 } } });
    expect(upsert).toHaveBeenCalledTimes(2);
  });

  it('removes a schedule that no release claims any more', async () => {
    const settings = { scheduleCheckMs: 200, unclaimedMs: 2_000 };
    const keys = async () => (await producer.queue.getJobSchedulers()).map(({ key }) => key).sort();
    const older = await startWorker({ settings });
    await until(async () => (await keys()).includes('tick'));
    const upsert = jest.spyOn(older.queue, 'upsertJobScheduler');
    const [oldKeys, newKeys] = [['prune-jobs', 'tick'], ['prune-jobs']];
    const providers = [AlwaysFailing, { provide: Probe, useValue: {} }];
    const newer = await createJobsApp(servers, { settings, providers });
    await sleep(3_000);
    expect(await keys()).toEqual(oldKeys);
    expect(upsert).not.toHaveBeenCalled();
    await older.close();
    await until(async () => (await keys()).join() === newKeys.join());
    await newer.close();
    expect(tick.schedule).toBeDefined();
  });

  it('returns jobs of a newer release to the queue without a counted attempt', async () => {
    const settings = { unknownRetryMs: 200 };
    const providers = [AlwaysFailing, { provide: Probe, useValue: {} }];
    const older = await createJobsApp(servers, { settings, providers });
    // Older than the retry period of unknown jobs.
    const [id, timestamp] = ['of a newer version', Date.now() - 7_200_000];
    const order = { id, name: 'probe', payload: { word: 'new' }, options: { attempts: 1, timestamp } };
    await producer.outbox.addNow('jobs', [order]);
    await until(async () => Number((await producer.queue.getJob(id))?.attemptsStarted) > 3);
    expect(await producer.jobs.status(id)).toMatchObject({ attempts: 0, failure: null });
    await older.close();
    const newer = await startWorker();
    await until(() => newer.words().includes('new'));
    await newer.close();
  });

  it.each([
    ['two handlers of one job', [Probe, Twice], /'probe' is handled by Probe.run and by Twice.again; keep one/],
    ['a handler without a job', [Probe, Undefined], /Undefined.run: @Job got undefined; pass the result of defineJob/],
    ['a provider in two places', [Probe, { provide: 'again', useClass: Probe }], /by Probe.run and by Probe.run/],
  ])('rejects an application with %s at start', async (_, providers, problem) => {
    const error = await createJobsApp(servers, { providers }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidJobsError);
    expect(String(error)).toMatch(problem);
  });

  it('rejects jobs without a handler and invalid options', async () => {
    await expect(producer.jobs.add(defineJob('orphan'), {})).rejects.toThrow(/no handler for job 'orphan'/);
    const sameName = defineJob<{ word: string }>('probe');
    await expect(producer.jobs.add(sameName, { word: '' })).rejects.toThrow(/no handler/);
    await expect(producer.jobs.add(probe, { word: '' }, { delay: 'soon' })).rejects.toThrow(/delay is "soon"/);
    expect(() => defineJob('Two Words')).toThrow(/invalid job name/);
    expect(() => defineJob('x', { attempts: 0 })).toThrow(/attempts of job 'x' is 0/);
    expect(() => defineJob('x', { schedule: { every: '10ms', payload: {} } })).toThrow(/from 1000 to a year/);
  });
});
