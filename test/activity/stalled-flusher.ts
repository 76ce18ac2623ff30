import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServers } from '../support/test-servers.js';
import { openFlusher } from './flusher.js';

/** Acquires the lock, reads a batch, reports that, waits, and writes; reports `wrote` or the name of the error. */
process.once('message', (servers: TestServers) => {
  void openFlusher(servers).then(async ({ store, flush }) => {
    const read = store.read.bind(store);
    store.read = async (id) => {
      const batch = await read(id);
      process.send?.('holds');
      await sleep(300);
      return batch;
    };
    const outcome = await flush.run({ settlingMs: 0 }).then(() => 'wrote', (error: unknown) => (error as Error).name);
    process.send?.(outcome);
  });
});
process.on('disconnect', () => process.exit());
