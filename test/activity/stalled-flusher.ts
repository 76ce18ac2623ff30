import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServers } from '../support/test-servers.js';
import { openFlusher } from './flusher.js';

/** Holds the lock and a batch, says so, thinks for a while, and writes; says how that went. */
process.once('message', (servers: TestServers) => {
  void openFlusher(servers).then(async ({ store, flush }) => {
    const read = store.read.bind(store);
    store.read = async (id) => {
      const batch = await read(id);
      process.send?.('holds');
      await sleep(300);
      return batch;
    };
    const told = await flush.run({ restMs: 0 }).then(() => 'wrote', (error: unknown) => (error as Error).name);
    process.send?.(told);
  });
});
process.on('disconnect', () => process.exit());
