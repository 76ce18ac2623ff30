import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServers } from '../support/test-servers.js';
import { openTill } from './till.js';

/** Acquires the lock, reports that, waits, and writes; reports `wrote` or the name of the error. */
process.once('message', (servers: TestServers) => {
  void openTill(servers).then(async ({ till }) => {
    const pause = async () => {
      process.send?.('holds');
      await sleep(300);
    };
    const outcome = await till.add('the child', pause).then(() => 'wrote', (error: unknown) => (error as Error).name);
    process.send?.(outcome);
  });
});
