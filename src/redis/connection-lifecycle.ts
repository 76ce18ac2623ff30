import { once } from 'node:events';
import { settlesWithin, TimeLimit } from '../common/index.js';
import { serversOf, type RedisClient } from './redis-client.js';

const QUIT_TIMEOUT_MS = 300;

/** Waits until all servers of a connection are ready, or until the timeout. */
export async function waitUntilReady(redis: RedisClient, timeoutMs: number): Promise<void> {
  const timeout = new AbortController();
  const { signal } = timeout;
  const limit = new TimeLimit(timeoutMs, () => timeout.abort());
  if (redis.status !== 'ready') {
    // Outages are logged by the connection's own listeners; here they only end the wait.
    await once(redis, 'ready', { signal }).catch(() => undefined);
  }
  const opening = serversOf(redis).filter((server) => server.status !== 'ready');
  await Promise.all(opening.map((server) => once(server, 'ready', { signal }).catch(() => undefined)));
  limit.cancel();
}

/**
 * Sends QUIT and disconnects, without a reply if there is none in time: ioredis may queue `quit` and never settle it.
 */
export async function closeConnection(redis: RedisClient): Promise<void> {
  await settlesWithin(redis.quit(), QUIT_TIMEOUT_MS);
  // Always: after `quit` alone the connections that listen to the Sentinels would stay open.
  redis.disconnect();
}
