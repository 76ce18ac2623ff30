import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import '../../src/redis/ioredis-patches.js';
import { provideRedis } from '../support/services.js';

const source = readFileSync('src/redis/ioredis-patches.ts', 'utf8');

describe('the patches of ioredis', () => {
  it('are written for the installed version', () => {
    const { version } = JSON.parse(readFileSync('node_modules/ioredis/package.json', 'utf8')) as { version: string };
    expect(/ioredis (\d+\.\d+\.\d+)/.exec(source)?.[1]).toBe(version);
  });

  const tests = [...source.matchAll(/Test: (\S+), '(.+)'/g)].map(([, file = '', title = '']) => [file, title] as const);

  it('name the tests that need them', () => {
    expect(tests.length).toBeGreaterThanOrEqual(9);
  });

  it.each(tests)('name a test that %s has: %s', (file, title) => {
    expect(readFileSync(file, 'utf8')).toContain(title);
  });
});

describe('the socket timeout', () => {
  it('keeps a connection whose reply is in the socket when the process is busy', async () => {
    const server = await provideRedis();
    const redis = new Redis(server.url, { socketTimeout: 100 });
    await redis.ping();
    const ended = jest.fn();
    redis.on('close', ended);
    const reply = redis.ping();
    const end = performance.now() + 200;
    while (performance.now() < end);
    expect(await reply).toBe('PONG');
    expect(ended).not.toHaveBeenCalled();
    redis.disconnect();
    await server.drop();
  });
});
