import type { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import { COMMAND_TIMEOUTS_MS, RedisUnavailableError, RedisConnections, type RedisClient, type GuardedRole } from '../../src/redis/index.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';
import { stopwatch } from '../support/stopwatch.js';

let server: ProvidedServer;
let connections: RedisConnections;

beforeAll(() => {
  Logger.overrideLogger(false);
});

beforeEach(async () => {
  server = await provideRedis();
  connections = new RedisConnections();
});

afterEach(async () => {
  server.resume();
  await connections.onApplicationShutdown();
  await server.drop();
});

async function open(role: GuardedRole): Promise<RedisClient> {
  const redis = connections.open(role, server.url);
  await connections.onApplicationBootstrap();
  return redis;
}

const failure = (command: Promise<unknown>): Promise<unknown> => command.then(() => null, (error: unknown) => error);

/** Blocks the event loop, so that replies that arrive meanwhile are processed late. */
function blockEventLoop(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('the circuit breaker of a Redis connection', () => {
  it('opens for the cache after one timeout', async () => {
    const redis = await open('cache');
    server.pause();
    expect(String(await failure(redis.get('key')))).toContain('Command timed out');
    const elapsedMs = stopwatch();
    expect(await failure(redis.get('key'))).toBeInstanceOf(RedisUnavailableError);
    expect(await failure(redis.eval('return 1', 0))).toBeInstanceOf(RedisUnavailableError);
    expect((await redis.pipeline().get('one').get('two').exec())?.map(([error]) => error)).toEqual([
      expect.any(RedisUnavailableError),
      expect.any(RedisUnavailableError),
    ]);
    expect(elapsedMs()).toBeLessThan(100);
    expect(connections.breakerState('cache')).not.toBe('closed');
  });

  it.each(['store', 'cache'] as const)('rejects immediately on a closing connection (%s)', async (role) => {
    const redis = await open(role);
    (redis as unknown as { stream: Socket }).stream.end();
    expect(redis.status).toBe('ready');
    expect(await failure(redis.get('key'))).toBeInstanceOf(RedisUnavailableError);
  });

  it.each(['store', 'cache'] as const)(
    'does not count a delay of its own event loop as an outage (%s)',
    async (role) => {
      const redis = await open(role);
      await redis.set('key', 'value');
      const opened = jest.fn();
      connections.onConnectionChange(role, opened);
      for (let round = 0; round < 5; round++) {
        const reads = [redis.get('key'), redis.getBuffer('key'), redis.eval('return 1', 0)];
        const replies = [...reads, connections.isWritable(role)];
        blockEventLoop(COMMAND_TIMEOUTS_MS[role] * 1.5);
        expect(await Promise.all(replies)).toEqual(['value', Buffer.from('value'), 1, true]);
      }
      expect(opened).not.toHaveBeenCalled();
      expect(connections.breakerState(role)).toBe('closed');
    },
  );

  it('does not count a delay of its own event loop towards the timeout of the server', async () => {
    const redis = await open('cache');
    server.pause();
    const reply = redis.get('key');
    blockEventLoop(400);
    await new Promise((resolve) => setTimeout(resolve, 60));
    server.resume();
    expect(await reply).toBeNull();
  });

  it('stays closed for the store after one late response', async () => {
    const redis = await open('store');
    server.pause();
    await failure(redis.get('key'));
    expect(connections.breakerState('store')).toBe('closed');
    server.resume();
    expect(await redis.get('key')).toBeNull();
    expect(connections.breakerState('store')).toBe('closed');
  });

  it('opens for the store after one late response and an unanswered probe', async () => {
    const redis = await open('store');
    server.pause();
    await failure(redis.get('key'));
    await until(() => connections.breakerState('store') !== 'closed', 2_000);
    expect(await failure(redis.get('key'))).toBeInstanceOf(RedisUnavailableError);
    server.resume();
    await until(() => connections.breakerState('store') === 'closed', 5_000);
    expect(await redis.get('key')).toBeNull();
  });

  it.each(['store', 'cache'] as const)('ignores script errors and caller errors (%s)', async (role) => {
    const redis = await open(role);
    for (let round = 0; round < 10; round++) {
      expect(await failure(redis.eval(`return redis.error_reply('READY or not')`, 0))).not.toBeNull();
      expect(String(await failure(redis.evalsha('0'.repeat(40), 0)))).toContain('NOSCRIPT');
      expect(await failure(redis.call('NO-SUCH-COMMAND'))).not.toBeNull();
    }
    expect(connections.breakerState(role)).toBe('closed');
  });

  it.each(['store', 'cache'] as const)('is open while there is no connection (%s)', async (role) => {
    const redis = await open(role);
    await server.stop();
    await until(() => connections.breakerState(role) === 'open');
    expect(await failure(redis.get('key'))).toBeInstanceOf(Error);
    await server.start();
    await until(() => connections.breakerState(role) === 'closed', 5_000);
    expect(await redis.get('key')).toBeNull();
  });
});
