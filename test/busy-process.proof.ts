import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { RedisConnections } from '../src/redis/index.js';
import { useApp } from './support/app.js';
import { aPlace } from './support/factories.js';
import { until } from './support/until.js';
import { keepTimeLimits } from './support/time-limits.js';

keepTimeLimits();

/** Longer than all time limits of dependencies. */
const BUSY_MS = 1_600;
/** Maximum size of the connection pool. */
const POOL = 2;

const t = useApp({ env: { DATABASE_POOL_SIZE: String(POOL) } });

/** Blocks the event loop, as a processor used by other processes does. */
function block(): void {
  const end = performance.now() + BUSY_MS;
  while (performance.now() < end);
}

describe('a process with a blocked event loop', () => {
  it('receives a response of PostgreSQL that arrived during the block', async () => {
    const query = t.app.get(DataSource).query('SELECT 1 AS one');
    await sleep(20);
    block();
    expect(await query).toEqual([{ one: 1 }]);
  });

  it('receives a pool connection that became free during the block', async () => {
    const dataSource = t.app.get(DataSource);
    const queries = Array.from({ length: 4 * POOL }, () => dataSource.query('SELECT pg_sleep(0.05), 1 AS one'));
    block();
    const rows = (await Promise.all(queries)) as { one: number }[][];
    expect(rows.map(([row]) => row?.one)).toEqual(Array.from({ length: 4 * POOL }, () => 1));
  });

  it('connects to PostgreSQL', async () => {
    const dataSource = t.app.get(DataSource);
    const { master } = dataSource.driver as unknown as { master: { _clients: { end(): Promise<void> }[] } };
    await Promise.all(master._clients.map((client) => client.end()));
    await until(() => master._clients.length === 0);
    const query = dataSource.query('SELECT 1 AS one');
    block();
    expect(await query).toEqual([{ one: 1 }]);
  });

  it('serves from the cache, counts requests in Redis, and is ready', async () => {
    const place = await aPlace(t);
    const path = `/places/${place.id}`;
    await until(async () => (await t.api.get(path)).headers.get('x-cache') === 'HIT');
    const lost = jest.fn();
    const connections = t.app.get(RedisConnections);
    for (const role of ['store', 'cache'] as const) connections.onConnectionChange(role, lost);
    for (let delayMs = 0; delayMs < 8; delayMs += 2) {
      const responses = [t.api.get(path), t.api.get('//health/ready'), t.api.get(path)];
      await sleep(delayMs);
      block();
      const [first, ready, second] = await Promise.all(responses);
      expect([first, second].map((response) => [response?.status, response?.headers.get('x-cache')])).toEqual([
        [200, 'HIT'],
        [200, 'HIT'],
      ]);
      expect([ready?.status, ready?.body]).toMatchObject([200, { status: 'ok' }]);
    }
    expect(lost).not.toHaveBeenCalled();
  });
});
