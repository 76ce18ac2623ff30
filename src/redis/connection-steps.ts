import { once } from 'node:events';
import { settlesWithin, TimeLimit } from '../common/index.js';
import { serversOf, type RedisClient } from './redis-client.js';

const QUIT_TIMEOUT_MS = 300;

/** Waits until the servers of a connection can be used, or the time is over. */
export async function waitUntilReady(redis: RedisClient, timeoutMs: number): Promise<void> {
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const limit = new TimeLimit(timeoutMs, () => giveUp.abort());
  if (redis.status !== 'ready') {
    // An outage is told by the connection's own events; here it only ends the wait.
    await once(redis, 'ready', { signal }).catch(() => undefined);
  }
  const opening = serversOf(redis).filter((server) => server.status !== 'ready');
  await Promise.all(opening.map((server) => once(server, 'ready', { signal }).catch(() => undefined)));
  limit.cancel();
}

/** Says goodbye, and goes without an answer when there is none: ioredis may queue `quit` and never settle it. */
export async function closeConnection(redis: RedisClient): Promise<void> {
  await settlesWithin(redis.quit(), QUIT_TIMEOUT_MS);
  // In any case: with `quit` alone the connections that listen to the sentinels would stay.
  redis.disconnect();
}
