import { Redis } from 'ioredis';
import { createLock, IoredisAdapter } from 'redlock-universal';
import { Locks } from '../../dist/locks/index.js';
import { versionOf } from '../report.mjs';

const TTL_MS = 10_000;
const nothing = () => Promise.resolve();
const packages = [versionOf('redlock-universal'), versionOf('ioredis')];

/** Every caller has its own lock. */
export const FREE_LOCKS = {
  title: 'Locks nobody else wants: taken and given back, 16 callers',
  unit: 'cycles',
  callers: 16,
  packages,
  open: (context) => open(context, (caller) => `bench-${caller}`),
};

/** All want the same one. */
export const WANTED_LOCK = {
  title: 'One lock that 8 callers want: taken, held for no time, given back',
  unit: 'cycles',
  callers: 8,
  packages,
  open: (context) => open(context, () => 'bench'),
};

async function open({ app, env }, nameOf) {
  const locks = app.get(Locks);
  const redis = new Redis(env.REDIS_URL);
  const adapter = new IoredisAdapter(redis);
  // As eager as ours: a wait of 20 to 200 ms by chance, until it is taken.
  const retries = { retryAttempts: 10_000, retryDelay: 20 };
  const theirs = (name) => createLock({ adapter, key: `theirs:${name}`, ttl: TTL_MS, ...retries });
  const each = [
    {
      title: 'ours, with a fencing number',
      step: (caller) => locks.run(nameOf(caller), { ttl: TTL_MS, wait: '60s' }, nothing),
    },
    { title: 'redlock-universal on one Redis (using)', step: (caller) => theirs(nameOf(caller)).using(nothing) },
    { title: 'SET NX and compare-and-delete by hand', step: (caller) => byHand(redis, `hand:${nameOf(caller)}`) },
  ];
  return { each, close: () => redis.quit() };
}

const DELETE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end";

async function byHand(redis, key) {
  const owner = String(Math.random());
  while ((await redis.set(key, owner, 'PX', TTL_MS, 'NX')) === null) {
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 180));
  }
  await redis.eval(DELETE, 1, key, owner);
}
