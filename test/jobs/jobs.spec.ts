import { setTimeout as sleep } from 'node:timers/promises';
import { UnrecoverableError, type JobContext } from '../../src/jobs/index.js';
import { useServers } from '../support/test-servers.js';
import { until } from '../support/until.js';
import { createJobsApp, probe, type JobsTestApp } from './jobs-test-app.js';

describe('Jobs', () => {
  const servers = useServers();
  let a: JobsTestApp;
  let b: JobsTestApp;

  beforeAll(async () => {
    [a, b] = [await createJobsApp(servers, { works: false }), await createJobsApp(servers)];
    await a.probe.createTable();
  });
  servers.beforeDrop(async () => {
    await Promise.all([a.close(), b.close()]);
  });

  /** Sets the handler of the jobs; returns the list of the words it has handled. */
  const handleBy = (act: (word: string, context: JobContext) => Promise<void> = () => Promise.resolve()): string[] => {
    const done: string[] = [];
    b.probe.act = async (word, context) => {
      await act(word, context);
      done.push(word);
    };
    return done;
  };
  const stateOf = async (id: string) => (await a.jobs.status(id))?.state;
  const ended = (id: string) => until(async () => ['completed', 'failed'].includes((await stateOf(id)) ?? ''));

  it('runs a job in another process than the one that added it', async () => {
    const done = handleBy();
    const id = await a.jobs.add(probe, { word: 'hello' });
    await ended(id);
    expect(done).toEqual(['hello']);
    expect(await a.jobs.status(id)).toMatchObject({ id, name: 'probe', attempts: 1, failure: null });
    expect(await stateOf(id)).toBe('completed');
  });

  it('adds no job in a transaction that is rolled back, and one in a committed transaction', async () => {
    const done = handleBy();
    const ids: string[] = [];
    const failing = a.outbox.transaction(async () => {
      ids.push(await a.jobs.add(probe, { word: 'rolled back' }));
      await a.probe.write('rolled back');
      throw new Error('intended rollback');
    });
    await expect(failing).rejects.toThrow('intended rollback');
    await a.outbox.transaction(async () => {
      ids.push(await a.jobs.add(probe, { word: 'committed' }));
      await sleep(700);
      expect(await a.jobs.status(ids[1] ?? '')).toBeNull();
    });
    await ended(ids[1] ?? '');
    expect(done).toEqual(['committed']);
    expect(await a.jobs.status(ids[0] ?? '')).toBeNull();
  });

  it('reports the progress of a job', async () => {
    handleBy(async (_word, { progress }) => {
      await progress(40);
      await until(async () => (await a.jobs.status(id))?.progress === 40);
      await progress(100);
    });
    const id: string = await a.jobs.add(probe, { word: 'long' });
    await ended(id);
    expect(await a.jobs.status(id)).toMatchObject({ state: 'completed', progress: 100 });
  });

  it('keeps a dead job after its last attempt and runs it again on retry', async () => {
    const attempts: number[] = [];
    const done = handleBy((_word, { attempt }) => {
      attempts.push(attempt);
      return attempts.length <= 4 ? Promise.reject(new Error(`no ${attempt}`)) : Promise.resolve();
    });
    const id = await a.jobs.add(probe, { word: 'hard' });
    await ended(id);
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(await a.jobs.status(id)).toMatchObject({ state: 'failed', attempts: 4, maxAttempts: 4, failure: 'no 4' });
    expect((await a.jobs.list('failed', 10)).jobs.map((each) => each.id)).toEqual([id]);
    await (await a.queue.getJob(id))?.retry();
    await until(() => done.includes('hard'));
    await ended(id);
    expect(await a.jobs.status(id)).toMatchObject({ state: 'completed' });
  });

  it('fails a job immediately on an unrecoverable error', async () => {
    handleBy(() => Promise.reject(new UnrecoverableError('no such user')));
    const id = await a.jobs.add(probe, { word: 'hopeless' });
    await ended(id);
    expect(await a.jobs.status(id)).toMatchObject({ state: 'failed', attempts: 1, failure: 'no such user' });
  });
});
