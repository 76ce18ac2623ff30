import { randomInt } from 'node:crypto';
import { runCommand } from '../../scripts/session.mjs';
import { print, StepError } from '../../scripts/steps.mjs';
import { startServices } from '../race/services.js';
import { crash, type CrashResult } from './harness.js';

const help = `npm run crash: kills a process at random moments while it writes, and looks for stale values in the cache.

Real PostgreSQL and Redis, started for it on free ports. A process with the whole service writes in four lanes and reads
in four: places, likes, reviews, names, permissions. It is killed (SIGKILL) up to 400 ms after its tenth write; in three
of four cases another process survives, otherwise one is started. Then everything cacheable is read from the cache and
from PostgreSQL. Fails when a value differs; without the outbox, when none does.

Usage: npm run crash -- [--kills 200] [--seed N] [--after 1200] [--without-outbox]

  --kills           number of kills
  --seed            of the operations and the kills (the interleaving depends on the machine)
  --after           milliseconds between the kill, or the start of another process, and the comparison
  --without-outbox  does not commit evictions with the change, to show how many values are stale then
`;

const options = {
  kills: { type: 'string', default: '200' },
  seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  after: { type: 'string', default: '1200' },
  'without-outbox': { type: 'boolean', default: false },
} as const;

await runCommand({
  help,
  options,
  work: async (session, values) => {
    const [kills, seed, afterMs] = [whole(values, 'kills'), whole(values, 'seed'), whole(values, 'after')];
    const withOutbox = values['without-outbox'] !== true;
    print(`seed ${seed}${withOutbox ? '' : ', without the outbox'}`);
    const services = await startServices(session);
    const began = performance.now();
    const stopped = () => session.stopping.aborted;
    const result = await crash({
      ...services, kills, seed, afterMs, withOutbox, stopped,
      onKill: (current) => {
        if (current.kills % 20 === 0) print(summary(current));
      },
    });
    print(`\n${summary(result)}\n${Math.round((performance.now() - began) / 1_000)} s`);
    for (const difference of result.differences.slice(0, 5)) print(`  ${difference}`);
    return withOutbox === (result.differences.length === 0) ? 0 : 1;
  },
});

function summary({ kills, alone, writes, reads, pendingRows, compared, differences }: CrashResult): string {
  return (
    `${kills} kills (${alone} of the only process), ${writes} writes, ${reads} reads, ` +
    `${pendingRows} pending outbox rows, ${compared} cached values compared, ${differences.length} differ`
  );
}

function whole(values: Record<string, unknown>, name: string): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new StepError(`--${name} is a whole number above 0, not ${String(values[name])}`);
}
