import { SeededRandom } from '../../src/sample-data/random.js';
import { readSomething, writeSomething, type Random } from './actions.js';
import type { Fixtures, VictimOptions, Progress } from './messages.js';
import { openService, type Service } from './service.js';

const WRITERS = 4;
const READERS = 4;
const REPORT_EVERY_MS = 20;

/** A process that writes and reads at random until it is killed. */
async function work(options: VictimOptions): Promise<void> {
  const service = await openService(options);
  const progress = { writes: 0, reads: 0, refused: 0 };
  const report = () => process.send?.(progress satisfies Progress);
  setInterval(report, REPORT_EVERY_MS);
  report();
  for (let lane = 0; lane < WRITERS + READERS; lane++) {
    const random = randomOf(options.seed + lane);
    void (lane < WRITERS ? write(service, options.fixtures, random) : read(service, options.fixtures, random));
  }

  async function write(...action: [Service, Fixtures, Random]): Promise<never> {
    for (;;) {
      await writeSomething(...action).then(() => (progress.writes += 1), () => (progress.refused += 1));
    }
  }

  async function read(...action: [Service, Fixtures, Random]): Promise<never> {
    for (;;) {
      await readSomething(...action).then(() => (progress.reads += 1), () => undefined);
    }
  }
}

function randomOf(seed: number): Random {
  const random = new SeededRandom(seed);
  return () => random.next();
}

process.once('message', (options: VictimOptions) => void work(options));
process.on('disconnect', () => process.exit());
