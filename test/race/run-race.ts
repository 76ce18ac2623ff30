import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { VariantName } from './variants.js';
import { CREATE_TABLE } from './ledger.js';
import { LANES, type RoundBatch, type Services } from './messages.js';
import { checkHistory, type History, type CheckResult } from './model.js';
import type { WorkerPool } from './worker-pool.js';

const ROUNDS_PER_BATCH = 2;

/** Sums over all rounds of a race. */
export interface RaceResult {
  rounds: number;
  reads: number;
  stale: number;
  /** Number of rounds whose final reads are stale. */
  endedStale: number;
  illegal: number;
  loads: number;
  /** Values that a guard refused to store. */
  refused: number;
  /** Count of errors by name and message. */
  failures: Record<string, number>;
  lateEvictions: number;
  seconds: number;
}

export interface RaceOptions extends Services {
  readonly variant: VariantName;
  readonly rounds: number;
  readonly seed: number;
  /** Ends the race before its last round. */
  readonly isEnough?: (soFar: RaceResult) => boolean;
  /** Called after each batch. */
  readonly onProgress?: (soFar: RaceResult) => void;
  /** Called with each round that has stale or illegal reads. */
  readonly onViolation?: (round: History, checked: CheckResult) => void;
}

/** Runs all rounds with one variant, on emptied servers. */
export async function runRace(pool: WorkerPool, race: RaceOptions): Promise<RaceResult> {
  await prepare(race);
  const { variant, seed, databaseUrl, redisUrl } = race;
  await pool.request('open', (process) => ({ variant, seed, process, databaseUrl, redisUrl }));
  const began = performance.now();
  const result: RaceResult = {
    rounds: 0, reads: 0, stale: 0, endedStale: 0, illegal: 0, loads: 0, refused: 0,
    failures: {}, lateEvictions: 0, seconds: 0,
  };
  let next = 0;
  const nextBatch = (lane: number): RoundBatch => {
    const left = race.isEnough?.(result) === true ? 0 : race.rounds - next;
    const rounds = Array.from({ length: Math.min(ROUNDS_PER_BATCH, left) }, () => next++);
    return { lane, rounds };
  };
  const runLane = async (lane: number) => {
    for (let batch = nextBatch(lane); batch.rounds.length > 0; batch = nextBatch(lane)) {
      for (const round of await runBatch(pool, batch)) count(result, round, race);
      result.seconds = (performance.now() - began) / 1000;
      race.onProgress?.(result);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => runLane(lane)));
  for (const { loads, refused, lateEvictions } of await pool.request('close', () => null)) {
    result.loads += loads;
    result.refused += refused;
    result.lateEvictions += lateEvictions;
  }
  return result;
}

async function prepare({ databaseUrl, redisUrl }: Services): Promise<void> {
  const redis = new Redis(redisUrl);
  await redis.flushall();
  redis.disconnect();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('DROP TABLE IF EXISTS race');
  await client.query(CREATE_TABLE);
  await client.end();
}

async function runBatch(pool: WorkerPool, batch: RoundBatch): Promise<History[]> {
  const scheduled = await pool.request('run', () => batch);
  const final = await pool.request('runFinalReads', () => batch);
  const histories = [...scheduled, ...final];
  return batch.rounds.map((id, at) => {
    const parts = histories.flatMap((each) => each[at] ?? []);
    return {
      id,
      reads: parts.flatMap(({ reads }) => reads),
      writes: parts.flatMap(({ writes }) => writes),
      failures: parts.flatMap(({ failures }) => failures),
    };
  });
}

function count(result: RaceResult, round: History, { onViolation }: RaceOptions): void {
  const checked = checkHistory(round);
  result.rounds += 1;
  result.reads += checked.reads;
  result.stale += checked.stale;
  result.illegal += checked.illegal;
  for (const failure of round.failures) result.failures[failure] = (result.failures[failure] ?? 0) + 1;
  if (checked.endedStale) result.endedStale += 1;
  if (checked.stale + checked.illegal > 0) onViolation?.(round, checked);
}
