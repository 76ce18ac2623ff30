import { Logger } from '@nestjs/common';
import { RedisConnections, type RedisRole } from '../../src/redis/index.js';
import { provideRedis, type ProvidedServer } from '../support/services.js';
import { until } from '../support/until.js';

const ROLES: readonly RedisRole[] = ['store', 'cache', 'subscriber', 'queue'];

describe('the lifecycle of a Redis connection', () => {
  let lines: string[];
  let connections: RedisConnections;

  beforeEach(() => {
    lines = [];
    const note = (text: unknown) => void lines.push(String(text));
    Logger.overrideLogger({ log: note, warn: note, error: note });
    connections = new RedisConnections();
  });
  afterEach(async () => {
    await connections.onApplicationShutdown();
    Logger.overrideLogger(false);
  });

  const lifeOf = (role: RedisRole) => connections.statuses().find((life) => life.role === role);

  describe.each(ROLES)('to the %s', (role) => {
    let server: ProvidedServer;
    beforeEach(async () => {
      server = await provideRedis();
    });
    afterEach(() => server.drop());

    it('is logged and counted event by event, and keeps its counters at the end', async () => {
      const redis = connections.open(role, server.url);
      await connections.onApplicationBootstrap();
      expect(lifeOf(role)?.isReady).toBe(true);
      await server.stop();
      await until(() => (lifeOf(role)?.events.error ?? 0) > 0);
      expect(lifeOf(role)?.isReady).toBe(false);
      await server.start();
      await until(() => lifeOf(role)?.isReady === true);
      await redis.set('note', 'stored');
      await connections.onApplicationShutdown();
      await until(() => lines.includes(`${role}: closed`));
      const { events } = lifeOf(role) ?? {};
      expect(events).toEqual({
        connect: 2, ready: 2, end: 1, reconnecting: expect.any(Number), error: expect.any(Number),
      });
      expect(events?.reconnecting).toBeGreaterThan(0);
      for (const event of ['connected', 'ready', 'reconnecting', 'closed']) {
        expect(lines).toContainEqual(expect.stringMatching(`^${role}: ${event}`));
      }
      const another = connections.open(role, server.url);
      await connections.onApplicationBootstrap();
      expect(await another.get('note')).toBe('stored');
    });
  });

  it('logs once per outage that the server is bypassed, and once that it is used again', async () => {
    const server = await provideRedis();
    const redis = connections.open('cache', server.url);
    await connections.onApplicationBootstrap();
    const ping = () => redis.ping().then(() => true, () => false);
    const count = (words: string) => lines.filter((line) => line.startsWith(`cache: ${words}`)).length;
    server.pause();
    let refusals = 0;
    await until(async () => {
      if (!(await ping())) refusals += 1;
      return refusals > 50;
    });
    server.resume();
    await until(ping);
    expect([count('circuit breaker open'), count('circuit breaker closed')]).toEqual([1, 1]);
    await server.drop();
  });

  it('includes the connections that a queue opens itself', async () => {
    const server = await provideRedis();
    const redis = connections.open('queue', server.url);
    await connections.onApplicationBootstrap();
    const blocking = redis.duplicate();
    await until(() => lifeOf('queue')?.events.ready === 2);
    await blocking.quit();
    await until(() => lifeOf('queue')?.events.end === 1);
    await server.drop();
  });

  it('starts without a server: logs once what is missing, and is ready when it appears', async () => {
    const server = await provideRedis();
    await server.stop();
    for (const role of ROLES) connections.open(role, server.url);
    await connections.onApplicationBootstrap();
    expect(lines.filter((line) => line.startsWith('Redis not'))).toEqual([
      'Redis not reachable yet: store, cache, subscriber, queue; /health/ready responds 503 until it is',
    ]);
    expect(await connections.isWritable('store')).toBe(false);
    await server.start();
    await until(() => connections.statuses().every(({ isReady }) => isReady));
    expect(await connections.isWritable('store')).toBe(true);
    await server.drop();
  });
});
