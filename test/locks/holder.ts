import { setTimeout as sleep } from 'node:timers/promises';
import { openTill, type Place } from './till.js';

/** Takes the lock, says so, thinks for a while, and writes; says how that went. */
process.once('message', (place: Place) => {
  void openTill(place).then(async ({ till }) => {
    const think = async () => {
      process.send?.('holds');
      await sleep(300);
    };
    const told = await till.add('the child', think).then(() => 'wrote', (error: unknown) => (error as Error).name);
    process.send?.(told);
  });
});
