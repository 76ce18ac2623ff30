import { median, ratioOf, table, verdict } from '../report.mjs';

const WARM_UP_STEPS = 500;

/**
 * How many steps a second each contestant makes, in turn, round after round, in this one process.
 *
 * @param {{ callers: number }} figure concurrent callers, each of which sends its next request after its response
 * @param {{ title: string, step: (caller: number) => Promise<unknown> }[]} each ours first
 */
async function measureRates({ title, callers }, each, { rounds, seconds, log }) {
  const rows = each.map(() => ({ rate: [], cpu: [] }));
  for (const contestant of each) await run(contestant, callers, { steps: WARM_UP_STEPS });
  for (let round = 1; round <= rounds; round += 1) {
    for (const [at, contestant] of each.entries()) {
      const { rate, cpu } = await run(contestant, callers, { seconds });
      rows[at].rate.push(rate);
      rows[at].cpu.push(cpu);
      log(`round ${round}  ${title}: ${contestant.title.padEnd(40)} ${rate.toFixed(0).padStart(8)} a second`);
    }
  }
  return rows;
}

/** Opens the contestants of a figure, measures them, and closes them again. */
export async function reportRates(figure, context) {
  const { each, close } = await figure.open(context);
  try {
    return tableOf(figure, each, await measureRates(figure, each, context));
  } finally {
    await close();
  }
}

function tableOf({ title, unit }, each, rows) {
  const lines = each.map((contestant, at) => [
    contestant.title,
    median(rows[at].rate).toFixed(0),
    at === 0 ? '1.00' : verdict(ratioOf(rows[0].rate, rows[at].rate), {}),
    median(rows[at].cpu).toFixed(1),
    rows[at].rate.map((rate) => rate.toFixed(0)).join(' '),
  ]);
  const head = ['', `median ${unit}/s`, 'ours ÷ this', 'CPU µs each, of this process', 'rounds'];
  return [`### ${title}`, table(head, lines)].join('\n\n');
}

async function run({ step }, callers, { seconds = Infinity, steps = Infinity }) {
  let done = 0;
  const [cpuBefore, startedAt] = [process.cpuUsage(), performance.now()];
  const isOver = () => done >= steps || performance.now() - startedAt >= seconds * 1_000;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (!isOver()) {
        await step(caller);
        done += 1;
      }
    }),
  );
  const [{ user, system }, ms] = [process.cpuUsage(cpuBefore), performance.now() - startedAt];
  return { rate: (done / ms) * 1_000, cpu: (user + system) / done };
}
