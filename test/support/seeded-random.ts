import { randomInt } from 'node:crypto';
import { SeededRandom } from '../../src/sample-data/random.js';

/** Seed of random tests: another in each run, or `SEED` of the environment to reproduce a failure. */
export const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));

/** Generator of numbers in [0, 1), deterministic by seed. */
export function seededRandom(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => random.next();
}
