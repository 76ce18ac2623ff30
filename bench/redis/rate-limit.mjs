import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { SlidingWindow } from '../../dist/rate-limit/sliding-window/sliding-window.js';
import { versionOf } from '../report.mjs';

const CLIENTS = 1_000;
const WINDOW_S = 60;
/** Nobody is refused: what is refused writes nothing, and would make us look quick. */
const LIMIT = 1_000_000_000;

const FIXED = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`;

export const RATE_LIMIT = {
  title: 'Requests counted, 64 at a time, 1,000 clients',
  unit: 'checks',
  callers: 64,
  packages: [versionOf('rate-limiter-flexible'), versionOf('ioredis')],
  open({ app, env }) {
    const window = app.get(SlidingWindow, { strict: false });
    const redis = new Redis(env.REDIS_URL);
    redis.defineCommand('fixedWindow', { numberOfKeys: 1, lua: FIXED });
    const theirs = { storeClient: redis, points: LIMIT, duration: WINDOW_S, keyPrefix: 'theirs' };
    const limiter = new RateLimiterRedis(theirs);
    const policies = [{ name: 'bench', suffix: '', limit: LIMIT, windowMs: WINDOW_S * 1_000 }];
    const client = () => `c${Math.floor(Math.random() * CLIENTS)}`;
    const each = [
      { title: 'ours: a sliding window', step: () => window.spend({ client: client(), policies, cost: 1 }) },
      { title: 'rate-limiter-flexible: a fixed window', step: () => limiter.consume(client()) },
      {
        title: 'INCR and PEXPIRE in a script: a fixed window',
        step: () => redis.fixedWindow(`hand:${client()}`, WINDOW_S * 1_000),
      },
    ];
    return { each, close: () => redis.quit() };
  },
};
