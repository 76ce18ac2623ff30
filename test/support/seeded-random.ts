import { randomInt } from 'node:crypto';
import { SeededRandom } from '../../src/sample-data/random.js';

/** What random tests begin with: another one each run, or `SEED` of the environment to see a failure again. */
export const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));

/** Numbers from 0 up to 1, the same for the same seed. */
export function seededRandom(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => random.next();
}
