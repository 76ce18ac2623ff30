import { setTimeout as sleep } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import { TransactionHost } from '@nestjs-cls/transactional';

/*
 * A process that runs jobs, or adds one, and is killed. It uses the build and no decorators, since compiling would take
 * most of the start of the many processes.
 */

/** @param {string} module */
const built = (module) => import(new URL(`../../dist/${module}/index.js`, import.meta.url).href);
const { ConfigModule, Env, loadEnv } = await built('config');
const { afterCommit, DatabaseModule, Outbox } = await built('database');
const { DEFAULT_JOB_SETTINGS, defineJob, Job, JOB_SETTINGS, Jobs, JobsModule, JobWorker } = await built('jobs');
const { RedisModule } = await built('redis');

/** Longer than the locks of the tests last. */
const BLOCK_MS = 2_000;

/** The same as in jobs-test-app.ts. */
const probe = defineJob('probe', { attempts: 4, backoff: '200ms' });

/** @typedef {import('./children.js').ChildOptions} ChildOptions */

// The test process is gone.
process.once('disconnect', () => process.exit());
process.once('message', (order) => void start(/** @type {ChildOptions} */ (order)));

/** @param {ChildOptions} order */
async function start({ servers, settings, action, once }) {
  const env = loadEnv({
    DATABASE_URL: servers.databaseUrl, REDIS_URL: servers.redisUrl, JWT_KEYS: 'only-for-tests-Tq7vXk2MzR9bWc4LdN8sH',
  });
  class Probe {
    /** @param {{ word: string }} payload @param {import('../../src/jobs/index.js').JobContext} context */
    run({ word }, context) {
      return act(module, word, context, once);
    }
  }
  Job(probe)(Probe.prototype, 'run');
  const module = await Test.createTestingModule({
    imports: [ConfigModule, DatabaseModule, RedisModule, JobsModule],
    providers: [Probe],
  })
    .overrideProvider(Env).useValue(env)
    .overrideProvider(JOB_SETTINGS).useValue({ ...DEFAULT_JOB_SETTINGS, ...settings })
    .compile();
  await module.init();
  module.enableShutdownHooks([], { useProcessExit: true });
  if (action === 'work') module.get(JobWorker).start();
  process.send?.('ready');
  if (action !== 'work') await addAndDie(module.get(Outbox), module.get(Jobs), action);
}

/**
 * @param {import('../../src/database/index.js').Outbox} outbox
 * @param {import('../../src/jobs/index.js').Jobs} jobs
 * @param {ChildOptions['action']} action
 */
async function addAndDie(outbox, jobs, action) {
  const die = () => process.kill(process.pid, 'SIGKILL');
  await outbox.transaction(async () => {
    // Before the callback by which the job is put into the queue.
    if (action === 'adds, dies after the commit') await afterCommit(() => void die());
    await jobs.add(probe, { word: action });
    if (action === 'adds, dies before the commit') die();
    await sleep(10);
  });
}

/** @type {Set<string>} */
const blocked = new Set();

/**
 * Blocks the event loop for longer than the duration of a lock.
 *
 * @param {string} word
 * @param {AbortSignal} signal
 */
async function block(word, signal) {
  if (word.includes('once') && blocked.has(word)) return;
  blocked.add(word);
  const end = performance.now() + (word.includes('for ever') ? Infinity : BLOCK_MS);
  while (performance.now() < end);
  if (word.includes('throws')) throw new Error('busy, and failed');
  // The process detects the loss of the lock while the handler still runs.
  if (word.includes('goes on')) await sleep(1_000);
  if (word.includes('reacts')) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

/**
 * Runs a job: its word selects the behaviour.
 *
 * @param {import('@nestjs/testing').TestingModule} module
 * @param {string} word
 * @param {import('../../src/jobs/index.js').JobContext} context
 * @param {boolean} once
 */
async function act(module, word, context, once) {
  process.send?.({ begun: word });
  if (word.startsWith('short')) await sleep(3_000);
  if (word === 'reacts') {
    await new Promise((_, reject) => {
      context.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  }
  if (word === 'ignores') await sleep(600_000);
  if (word.startsWith('blocks')) await block(word, context.signal);
  const write = async () => {
    const { tx } = /** @type {{ tx: import('typeorm').EntityManager }} */ (module.get(TransactionHost));
    await tx.query('INSERT INTO word VALUES ($1)', [word]);
  };
  await sleep(Math.random() * 20);
  if (once) await module.get(Jobs).once(context, write);
  else await write();
  await sleep(Math.random() * 20);
  process.send?.({ ended: word });
}
