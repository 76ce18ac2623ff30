import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '../../src/sample-data/random.js';
import { compare } from './comparison.js';
import { newPlace, readSomething, type Random } from './actions.js';
import type { Fixtures, Order, Progress, Surroundings } from './messages.js';
import { openService, type Service } from './service.js';

export interface Plan extends Surroundings {
  readonly kills: number;
  readonly seed: number;
  /** How long after a kill, or after the start of a process in its place, the comparison comes. */
  readonly afterMs: number;
  /** Asked before every kill: whether to end. */
  stopped?(): boolean;
  /** Told after every kill. */
  onKill?(figures: Figures): void;
}

export interface Figures {
  kills: number;
  /** Kills while no other process lived. */
  alone: number;
  writes: number;
  reads: number;
  /** Rows that waited in the outbox when the process had been killed. */
  leftBehind: number;
  compared: number;
  differences: string[];
}

const WARM_WRITES = 10;
const WORK_MIN_MS = 10;
const WORK_MAX_MS = 400;
/** One kill in so many leaves nobody behind. */
const ALONE_EVERY = 4;

/** Kills a process that writes and reads, again and again, and holds the cache against PostgreSQL each time. */
export async function crash(plan: Plan): Promise<Figures> {
  const random = randomOf(plan.seed);
  // How often the keeper reads is up to the machine: it has chances of its own.
  const ofKeeper = randomOf(plan.seed + 1);
  const figures = { kills: 0, alone: 0, writes: 0, reads: 0, leftBehind: 0, compared: 0, differences: [] as string[] };
  let keeper = await openService(plan);
  let next = spawnVictim();
  try {
    const fixtures = await createFixtures(keeper, random);
    while (figures.kills < plan.kills && plan.stopped?.() !== true) {
      const isAlone = random() < 1 / ALONE_EVERY;
      if (isAlone) await keeper.close();
      const order: Order = { ...plan, fixtures, seed: Math.floor(random() * 2 ** 31) };
      const done = await workAndDie(next, order, WORK_MIN_MS + random() * (WORK_MAX_MS - WORK_MIN_MS), () => {
        return isAlone ? undefined : readSomething(keeper, fixtures, ofKeeper).catch(() => undefined);
      });
      // It loads its program during the wait.
      next = spawnVictim();
      if (isAlone) keeper = await openService(plan);
      figures.leftBehind += (await keeper.query('SELECT FROM outbox')).length;
      await sleep(plan.afterMs);
      const { compared, differences } = await compare(keeper, fixtures);
      figures.kills += 1;
      figures.alone += isAlone ? 1 : 0;
      figures.writes += done.writes;
      figures.reads += done.reads;
      figures.compared += compared;
      figures.differences.push(...differences);
      // What is old now would be so after the next kill, too.
      if (differences.length > 0) await forgetAll(keeper);
      plan.onKill?.(figures);
    }
    return figures;
  } finally {
    next.kill('SIGKILL');
    await keeper.close();
  }
}

/** Loads its program at once, and waits for its order. */
function spawnVictim(): ChildProcess {
  const [loader, file] = ['../race/typescript.mjs', 'victim.ts'].map((name) => join(import.meta.dirname, name));
  return fork(file as string, { execArgv: ['--import', loader as string] });
}

async function workAndDie(
  victim: ChildProcess,
  order: Order,
  workMs: number,
  meanwhile: () => Promise<unknown> | undefined,
): Promise<Progress> {
  let progress: Progress = { writes: 0, reads: 0, refused: 0 };
  victim.on('message', (told: Progress) => (progress = told));
  const ended = once(victim, 'exit');
  victim.send(order);
  // Its first writes take long: everything is done for the first time.
  while (progress.writes < WARM_WRITES && victim.exitCode === null) await Promise.all([meanwhile(), sleep(2)]);
  const until = performance.now() + workMs;
  while (performance.now() < until) await Promise.all([meanwhile(), sleep(1)]);
  victim.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error('the process ended before it was killed; run it by hand to see why');
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

async function forgetAll({ caches }: Service): Promise<void> {
  await Promise.all(caches.names.map((name) => caches.get(name).clear()));
}

function randomOf(seed: number): Random {
  const random = new SeededRandom(seed);
  return () => random.next();
}
