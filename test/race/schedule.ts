import { SeededRandom } from '../../src/sample-data/random.js';

export const READS = ['get', 'getTaggedByResult', 'getShortLived'] as const;
export const WRITES = ['evict', 'evictInTransaction', 'evictTag', 'evictAll', 'evictEarly', 'put'] as const;

/** So long a value of `getShortLived` lives: it goes and comes while the round lasts. */
export const SHORT_LIFE_MS = 30;

/** How a value is asked for. */
export type Read = (typeof READS)[number];
/** How a value is changed, and what then happens to the cache. */
export type Write = (typeof WRITES)[number];

/**
 * What an actor does next. A transaction of two changes ends as its `kind` says: both `commit`, both are rolled back,
 * or the second is, to its savepoint.
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

/** Somebody in one of the two processes who does one thing after another. */
export interface Actor {
  readonly process: number;
  readonly steps: readonly Step[];
}

export const PROCESSES = 2;

/** The actors who meet on one key: the same for the same seed and round, whichever cache stands between them. */
export function actorsOf(seed: number, round: number): Actor[] {
  const random = new SeededRandom((seed ^ Math.imul(round + 1, 0x9e3779b1)) | 0);
  // Neighbouring states of the generator begin alike.
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

/** Everything is evicted less often than one thing: it hits the rounds beside it too. */
function anyWrite(random: SeededRandom): Write {
  return random.chance(0.08) ? 'evictAll' : random.pick(WRITES.filter((write) => write !== 'evictAll'));
}

/** Mostly next to nothing, so that the steps of all actors mix. */
function pauseMs(random: SeededRandom): number {
  return random.chance(0.5) ? 0 : random.integer(0, 5);
}
