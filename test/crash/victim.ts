import { SeededRandom } from '../../src/sample-data/random.js';
import { readSomething, writeSomething, type Random } from './actions.js';
import type { Fixtures, Order, Progress } from './messages.js';
import { openService, type Service } from './service.js';

const WRITERS = 4;
const READERS = 4;
const TELL_EVERY_MS = 20;

/** A process that writes and reads at random until it is killed. */
async function work(order: Order): Promise<void> {
  const service = await openService(order);
  const progress = { writes: 0, reads: 0, refused: 0 };
  const tell = () => process.send?.(progress satisfies Progress);
  setInterval(tell, TELL_EVERY_MS);
  tell();
  for (let lane = 0; lane < WRITERS + READERS; lane++) {
    const random = randomOf(order.seed + lane);
    void (lane < WRITERS ? write(service, order.fixtures, random) : read(service, order.fixtures, random));
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

process.once('message', (order: Order) => void work(order));
process.on('disconnect', () => process.exit());
