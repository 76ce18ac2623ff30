import { randomInt } from 'node:crypto';
import { runCommand } from '../../scripts/session.mjs';
import { print, StepError } from '../../scripts/steps.mjs';
import { compete, type Figures } from './contest.js';
import { CONTESTANTS, type Contestant } from './contestants.js';
import type { History } from './model.js';
import { table } from './report.js';
import { startServices } from './services.js';
import { Team } from './team.js';

const help = `npm run race: readers and writers in two processes race for the same rows; a model says what may be read.

Real PostgreSQL and Redis, started for it on free ports. A round is one row: several readers and writers with random
pauses, evicts by key, tag and all, puts, transactions that commit, roll back, or roll back to a savepoint. A read that
began after a write had returned must not give an older version, and never what was not committed.
The same with our guards taken away one at a time, and with BentoCache and cache-manager in our place.
Fails when ours reads anything it must not, and when taking away a guard goes unnoticed.

Usage: npm run race -- [--rounds 20000] [--others 2000] [--seed N] [--only ${groups().join('|')}]

  --rounds  how many rounds ours plays
  --others  how many of them the others play at most; --rounds with --only
  --seed    the schedule: who does what, where, after which pause (the interleaving is up to the machine)
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
    const contestants = CONTESTANTS.filter(({ group }) => values['only'] === undefined || group === values['only']);
    if (contestants.length === 0) throw new StepError(`--only is one of: ${groups().join(', ')}`);
    print(`seed ${seed}`);
    const services = await startServices(session);
    const team = new Team();
    session.atEnd(() => team.end());
    session.stopping.addEventListener('abort', () => void team.end());
    const results: (Contestant & { figures: Figures })[] = [];
    for (const contestant of contestants) {
      const played = contestant.name === 'ours' || values['only'] !== undefined ? rounds : Math.min(rounds, others);
      const race = { ...services, seed, rounds: played, contestant: contestant.name };
      const figures = await compete(team, { ...race, ...watch(contestant, played) });
      results.push({ ...contestant, figures });
    }
    print(table(results));
    const failures = results.filter(({ group, figures: { stale, illegal } }) => {
      return group === 'ours' ? stale + illegal > 0 : group === 'guards-off' && stale + illegal === 0;
    });
    for (const { title } of failures) print(`\n${title}: that is not as it must be`);
    return failures.length === 0 ? 0 : 1;
  },
});

/** Shows how far it is every few seconds, and what ours read that it must not. */
function watch({ name, title }: Contestant, rounds: number) {
  let shownAt = performance.now();
  let told = 0;
  return {
    onProgress: ({ rounds: done, stale, illegal, seconds }: Figures) => {
      if (performance.now() - shownAt < 5000 && done < rounds) return;
      shownAt = performance.now();
      print(`  ${title}: ${done}/${rounds} rounds, ${stale} stale, ${illegal} illegal, ${seconds.toFixed(0)} s`);
    },
    onOffence: (round: History) => {
      if (name !== 'ours' || (told += 1) > 3) return;
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
  return [...new Set(CONTESTANTS.map(({ group }) => group))];
}

function whole(values: Record<string, unknown>, name: string): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new StepError(`--${name} is a whole number, not ${String(values[name])}`);
}
