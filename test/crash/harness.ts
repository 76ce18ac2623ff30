import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/sample-data/random.js';
import { compare } from './comparison.js';
import { newPlace, readSomething, type Random } from './actions.js';
import type { Fixtures, VictimOptions, Progress, ServiceOptions } from './messages.js';
import { openService, type Service } from './service.js';

export interface Plan extends ServiceOptions {
  readonly kills: number;
  readonly seed: number;
  /** Time in ms between a kill, or the start of another process, and the comparison. */
  readonly afterMs: number;
  /** Called before every kill; true ends the run. */
  stopped?(): boolean;
  /** Called after every kill. */
  onKill?(result: CrashResult): void;
}

export interface CrashResult {
  kills: number;
  /** Kills while no other process was running. */
  alone: number;
  writes: number;
  reads: number;
  /** Outbox rows left by killed processes. */
  pendingRows: number;
  compared: number;
  differences: string[];
}

const WARM_WRITES = 10;
const WORK_MIN_MS = 10;
const WORK_MAX_MS = 400;
/** One of this number of kills hits the only process. */
const ALONE_EVERY = 4;

/** Repeatedly kills a process that writes and reads, and compares the cache with PostgreSQL each time. */
export async function crash(plan: Plan): Promise<CrashResult> {
  const random = randomOf(plan.seed);
  // A separate generator: the number of reads of the survivor depends on the machine.
  const survivorRandom = randomOf(plan.seed + 1);
  const result = { kills: 0, alone: 0, writes: 0, reads: 0, pendingRows: 0, compared: 0, differences: [] as string[] };
  let survivor = await openService(plan);
  let next = spawnVictim();
  try {
    const fixtures = await createFixtures(survivor, random);
    while (result.kills < plan.kills && plan.stopped?.() !== true) {
      const isAlone = random() < 1 / ALONE_EVERY;
      if (isAlone) await survivor.close();
      const options: VictimOptions = { ...plan, fixtures, seed: Math.floor(random() * 2 ** 31) };
      const done = await runUntilKilled(next, options, WORK_MIN_MS + random() * (WORK_MAX_MS - WORK_MIN_MS), () => {
        return isAlone ? undefined : readSomething(survivor, fixtures, survivorRandom).catch(() => undefined);
      });
      // Starts during the wait.
      next = spawnVictim();
      if (isAlone) survivor = await openService(plan);
      result.pendingRows += (await survivor.query('SELECT FROM outbox')).length;
      await sleep(plan.afterMs);
      const { compared, differences } = await compare(survivor, fixtures);
      result.kills += 1;
      result.alone += isAlone ? 1 : 0;
      result.writes += done.writes;
      result.reads += done.reads;
      result.compared += compared;
      result.differences.push(...differences);
      // Otherwise a stale value would be counted again after the next kill.
      if (differences.length > 0) await clearCaches(survivor);
      plan.onKill?.(result);
    }
    return result;
  } finally {
    next.kill('SIGKILL');
    await survivor.close();
  }
}

/** Starts a process that waits for its options. */
function spawnVictim(): ChildProcess {
  const [loader, file] = ['../race/typescript.mjs', 'victim.ts'].map((name) => join(import.meta.dirname, name));
  return fork(file as string, { execArgv: ['--import', loader as string] });
}

async function runUntilKilled(
  victim: ChildProcess,
  options: VictimOptions,
  workMs: number,
  meanwhile: () => Promise<unknown> | undefined,
): Promise<Progress> {
  let progress: Progress = { writes: 0, reads: 0, refused: 0 };
  victim.on('message', (message: Progress) => (progress = message));
  const ended = once(victim, 'exit');
  victim.send(options);
  // The first writes are slow, before caches and connections are warm.
  while (progress.writes < WARM_WRITES && victim.exitCode === null) await Promise.all([meanwhile(), sleep(2)]);
  const until = performance.now() + workMs;
  while (performance.now() < until) await Promise.all([meanwhile(), sleep(1)]);
  victim.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('the process ended before it was killed; run it manually to see why');
  return progress;
}

async function createFixtures(service: Service, random: Random): Promise<Fixtures> {
  const users = await Promise.all(
    Array.from({ length: 5 }, () => {
      const name = randomUUID().slice(0, 8);
      return service.users.register({ email: `${name}@example.com`, nickname: `초록${name}`, passwordHash: null });
    }),
  );
  const userIds = users.map(({ id }) => id);
  const owner = userIds[0] as string;
  const places = await Promise.all(Array.from({ length: 6 }, () => service.places.create(owner, newPlace(random))));
  return { userIds, placeIds: places.map(({ id }) => id) };
}

async function clearCaches({ caches }: Service): Promise<void> {
  await Promise.all(caches.names.map((name) => caches.get(name).clear()));
}

function randomOf(seed: number): Random {
  const random = new SeededRandom(seed);
  return () => random.next();
}
