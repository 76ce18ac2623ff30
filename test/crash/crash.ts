import { randomInt } from 'node:crypto';
import { runCommand } from '../../scripts/session.mjs';
import { print, StepError } from '../../scripts/steps.mjs';
import { startServices } from '../race/services.js';
import { crash, type Figures } from './harness.js';

const help = `npm run crash: kills a process at random moments while it writes, and looks for old values in the cache.

Real PostgreSQL and Redis, started for it on free ports. A process with the whole service writes in four lanes and reads
in four: places, likes, reviews, names, permissions. It is killed (SIGKILL) up to 400 ms after its tenth write; three
times in four another process lives on, else one is started in its place. Then everything that may be cached is read,
from the cache and from PostgreSQL. Fails when a value differs; without the outbox, when none does.

Usage: npm run crash -- [--kills 200] [--seed N] [--after 1200] [--without-outbox]

  --kills           how many processes are killed
  --seed            what is written and read, when the kill comes, who is left (the interleaving is up to the machine)
  --after           milliseconds between the kill, or the start of another process, and the comparison
  --without-outbox  evicts are not committed with the change: how much is old then
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
    const figures = await crash({
      ...services, kills, seed, afterMs, withOutbox, stopped,
      onKill: (so) => {
        if (so.kills % 20 === 0) print(told(so));
      },
    });
    print(`\n${told(figures)}\n${Math.round((performance.now() - began) / 1_000)} s`);
    for (const difference of figures.differences.slice(0, 5)) print(`  ${difference}`);
    return withOutbox === (figures.differences.length === 0) ? 0 : 1;
  },
});

function told({ kills, alone, writes, reads, leftBehind, compared, differences }: Figures): string {
  return (
    `${kills} kills (${alone} of the only process), ${writes} writes, ${reads} reads, ` +
    `${leftBehind} rows left behind, ${compared} cached values compared, ${differences.length} differ`
  );
}

function whole(values: Record<string, unknown>, name: string): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new StepError(`--${name} is a whole number above 0, not ${String(values[name])}`);
}
