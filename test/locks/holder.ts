import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServers } from '../support/test-servers.js';
import { openTill } from './till.js';

/** Takes the lock, says so, thinks for a while, and writes; says how that went. */
process.once('message', (servers: TestServers) => {
  void openTill(servers).then(async ({ till }) => {
    const think = async () => {
      process.send?.('holds');
      await sleep(300);
    };
    const told = await till.add('the child', think).then(() => 'wrote', (error: unknown) => (error as Error).name);
    process.send?.(told);
  });
});
