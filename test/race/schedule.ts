import { SeededRandom } from '../../src/sample-data/random.js';

export const READS = ['get', 'getTaggedByResult', 'getShortLived'] as const;
export const WRITES = ['evict', 'evictInTransaction', 'evictTag', 'evictAll', 'evictEarly', 'put'] as const;

/** TTL of a value of `getShortLived`: shorter than a round, so that it expires several times. */
export const SHORT_LIFE_MS = 30;

/** Ways to read a value. */
export type Read = (typeof READS)[number];
/** Ways to change a value, with their cache operations. */
export type Write = (typeof WRITES)[number];

/**
 * One operation of an actor. `commit` and `rollback` are transactions of two changes; in `savepoint` the second change
 * is rolled back to its savepoint.
 */
export type Step = { readonly pauseMs: number } & (
  | { readonly kind: 'read'; readonly read: Read }
  | { readonly kind: 'write'; readonly write: Write; readonly by: number }
  | {
      readonly kind: 'commit' | 'rollback' | 'savepoint';
      readonly writes: readonly [Write, Write];
      readonly by: readonly [number, number];
      readonly pauseInsideMs: number;
    }
);

/** A sequence of steps in one of the two processes. */
export interface Actor {
  readonly process: number;
  readonly steps: readonly Step[];
}

export const PROCESSES = 2;

/** The actors of one round: the same for the same seed and round, regardless of the cache. */
export function actorsOf(seed: number, round: number): Actor[] {
  const random = new SeededRandom((seed ^ Math.imul(round + 1, 0x9e3779b1)) | 0);
  // The generator's first outputs for neighbouring seeds are similar.
  for (let skipped = 0; skipped < 4; skipped++) random.next();
  let by = 0;
  const nextBy = () => (by += 1);
  const readers = Array.from({ length: random.integer(3, 6) }, () =>
    Array.from({ length: random.integer(2, 5) }, () => readStep(random)),
  );
  const writers = Array.from({ length: random.integer(2, 3) }, () =>
    Array.from({ length: random.integer(1, 2) }, () => writeStep(random, nextBy)),
  );
  return [...readers, ...writers].map((steps) => ({ process: random.integer(0, PROCESSES - 1), steps }));
}

function readStep(random: SeededRandom): Step {
  return { kind: 'read', read: random.pick(['get', 'get', ...READS]), pauseMs: pauseMs(random) };
}

function writeStep(random: SeededRandom, nextBy: () => number): Step {
  const pause = { pauseMs: pauseMs(random) };
  if (random.chance(0.65)) return { kind: 'write', write: anyWrite(random), by: nextBy(), ...pause };
  return {
    kind: random.pick(['commit', 'rollback', 'savepoint'] as const),
    writes: [anyWrite(random), anyWrite(random)],
    by: [nextBy(), nextBy()],
    pauseInsideMs: pauseMs(random),
    ...pause,
  };
}

/** `evictAll` is rarer than the others, since it affects the neighbouring rounds too. */
function anyWrite(random: SeededRandom): Write {
  return random.chance(0.08) ? 'evictAll' : random.pick(WRITES.filter((write) => write !== 'evictAll'));
}

/** Zero in half of the cases, so that the steps of all actors interleave. */
function pauseMs(random: SeededRandom): number {
  return random.chance(0.5) ? 0 : random.integer(0, 5);
}
