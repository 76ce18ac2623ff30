import { randomInt } from 'node:crypto';
import { runCommand } from '../../scripts/session.mjs';
import { print, StepError } from '../../scripts/steps.mjs';
import { runRace, type RaceResult } from './run-race.js';
import { VARIANTS, type Variant } from './variants.js';
import type { History } from './model.js';
import { table } from './report.js';
import { startServices } from './services.js';
import { WorkerPool } from './worker-pool.js';

const help = `npm run race: readers and writers in two processes race for the same rows; a model checks every read.

Real PostgreSQL and Redis, started for it on free ports. A round is one row: several readers and writers with random
pauses, evictions by key, by tag and of all, puts, transactions that commit, roll back, or roll back to a savepoint. A
read that began after a write had returned must not give an older version, and never what was not committed.
The same with our guards removed one at a time, and with BentoCache and cache-manager in our place.
Fails when ours has a stale or illegal read, and when a removed guard causes none.

Usage: npm run race -- [--rounds 20000] [--others 2000] [--seed N] [--only ${groups().join('|')}]

  --rounds  number of rounds of ours
  --others  maximum number of rounds of the others; --rounds with --only
  --seed    of the schedule: steps, processes and pauses of all actors (the interleaving depends on the machine)
`;

const options = {
  rounds: { type: 'string', default: '20000' },
  others: { type: 'string', default: '2000' },
  seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  only: { type: 'string' },
} as const;

await runCommand({
  help,
  options,
  work: async (session, values) => {
    const [rounds, others, seed] = [whole(values, 'rounds'), whole(values, 'others'), whole(values, 'seed')];
    const variants = VARIANTS.filter(({ group }) => values['only'] === undefined || group === values['only']);
    if (variants.length === 0) throw new StepError(`--only is one of: ${groups().join(', ')}`);
    print(`seed ${seed}`);
    const services = await startServices(session);
    const pool = new WorkerPool();
    session.atEnd(() => pool.end());
    session.stopping.addEventListener('abort', () => void pool.end());
    const results: (Variant & { result: RaceResult })[] = [];
    for (const variant of variants) {
      const count = variant.name === 'ours' || values['only'] !== undefined ? rounds : Math.min(rounds, others);
      const race = { ...services, seed, rounds: count, variant: variant.name };
      const result = await runRace(pool, { ...race, ...watch(variant, count) });
      results.push({ ...variant, result });
    }
    print(table(results));
    const failures = results.filter(({ group, result: { stale, illegal } }) => {
      return group === 'ours' ? stale + illegal > 0 : group === 'guards-off' && stale + illegal === 0;
    });
    for (const { title } of failures) print(`\n${title}: unexpected number of stale or illegal reads`);
    return failures.length === 0 ? 0 : 1;
  },
});

/** Prints the progress every five seconds, and the first rounds in which ours had stale or illegal reads. */
function watch({ name, title }: Variant, rounds: number) {
  let shownAt = performance.now();
  let printed = 0;
  return {
    onProgress: ({ rounds: done, stale, illegal, seconds }: RaceResult) => {
      if (performance.now() - shownAt < 5000 && done < rounds) return;
      shownAt = performance.now();
      print(`  ${title}: ${done}/${rounds} rounds, ${stale} stale, ${illegal} illegal, ${seconds.toFixed(0)} s`);
    },
    onViolation: (round: History) => {
      if (name !== 'ours' || (printed += 1) > 3) return;
      const { reads, writes } = round;
      const began = Math.min(...[...reads, ...writes].map((each) => each.began));
      const events = [...reads, ...writes].sort((a, b) => a.began - b.began).map((each) => {
        const [from, to] = [each.began, each.returned].map((time) => ((time - began) / 1e6).toFixed(3));
        return `    ${from}–${to} ms ${JSON.stringify({ ...each, began: undefined, returned: undefined })}`;
      });
      print(`  round ${round.id}:\n${events.join('\n')}`);
    },
  };
}

function groups(): string[] {
  return [...new Set(VARIANTS.map(({ group }) => group))];
}

function whole(values: Record<string, unknown>, name: string): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new StepError(`--${name} is a whole number, not ${String(values[name])}`);
}
