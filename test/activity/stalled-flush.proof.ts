import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createDataSource } from '../../src/database/index.js';
import { useServers } from '../support/test-servers.js';
import { makePlaces, openFlusher } from './flusher.js';

describe('ViewFlush paused longer than its lock', () => {
  const servers = useServers();

  it('writes nothing after another process has flushed', async () => {
    const postgres = await createDataSource(servers.databaseUrl).initialize();
    const redis = new Redis(servers.redisUrl);
    const { store, flush, close } = await openFlusher(servers);
    await makePlaces(postgres, 1);
    await store.add('test', 1, new Map([[1, 5]]));
    await flush.run({ settlingMs: 0 });

    const loader = join(import.meta.dirname, '../race/typescript.mjs');
    const child = fork(join(import.meta.dirname, 'stalled-flusher.ts'), { execArgv: ['--import', loader] });
    child.send(servers);
    expect(await once(child, 'message')).toEqual(['holds', undefined]);
    child.kill('SIGSTOP');
    // As if its ten seconds had passed.
    await redis.del('lock:{views}');
    await flush.run({ settlingMs: 0 });
    // As after a pause beyond the retention of batch records: only the fencing token can reject the write then.
    expect(await postgres.query('DELETE FROM view_batch RETURNING 1 AS one')).toEqual([[{ one: 1 }], 1]);
    child.kill('SIGCONT');
    expect(await once(child, 'message')).toEqual(['StaleFenceError', undefined]);
    expect(await postgres.query('SELECT sum(views)::int AS views FROM place_view')).toEqual([{ views: 5 }]);

    child.kill('SIGKILL');
    redis.disconnect();
    await close();
    await postgres.destroy();
  }, 60_000);
});
