import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { ContestantName } from './contestants.js';
import { CREATE_TABLE } from './ledger.js';
import { LANES, type Heat, type Services } from './messages.js';
import { judge, type History, type Verdict } from './model.js';
import type { Team } from './team.js';

const ROUNDS_PER_HEAT = 2;

/** What came of all rounds. */
export interface Figures {
  rounds: number;
  reads: number;
  stale: number;
  /** Rounds. */
  endedStale: number;
  illegal: number;
  loads: number;
  /** Values that a guard kept out of the cache. */
  refused: number;
  /** What calls threw, and how often. */
  failures: Record<string, number>;
  lateEvicts: number;
  seconds: number;
}

export interface Race extends Services {
  readonly contestant: ContestantName;
  readonly rounds: number;
  readonly seed: number;
  /** Ends the race before its last round. */
  readonly isEnough?: (soFar: Figures) => boolean;
  /** Told after each heat. */
  readonly onProgress?: (soFar: Figures) => void;
  /** Told of rounds in which something was read that must not be. */
  readonly onOffence?: (round: History, verdict: Verdict) => void;
}

/** Plays all rounds with one contestant, on empty services. */
export async function compete(team: Team, race: Race): Promise<Figures> {
  await prepare(race);
  const { contestant, seed, databaseUrl, redisUrl } = race;
  await team.ask('open', (process) => ({ contestant, seed, process, databaseUrl, redisUrl }));
  const began = performance.now();
  const figures: Figures = {
    rounds: 0, reads: 0, stale: 0, endedStale: 0, illegal: 0, loads: 0, refused: 0,
    failures: {}, lateEvicts: 0, seconds: 0,
  };
  let next = 0;
  const takeHeat = (lane: number): Heat => {
    const left = race.isEnough?.(figures) === true ? 0 : race.rounds - next;
    const rounds = Array.from({ length: Math.min(ROUNDS_PER_HEAT, left) }, () => next++);
    return { lane, rounds };
  };
  const runLane = async (lane: number) => {
    for (let heat = takeHeat(lane); heat.rounds.length > 0; heat = takeHeat(lane)) {
      for (const round of await play(team, heat)) count(figures, round, race);
      figures.seconds = (performance.now() - began) / 1000;
      race.onProgress?.(figures);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => runLane(lane)));
  for (const { loads, refused, lateEvicts } of await team.ask('close', () => null)) {
    figures.loads += loads;
    figures.refused += refused;
    figures.lateEvicts += lateEvicts;
  }
  return figures;
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

async function play(team: Team, heat: Heat): Promise<History[]> {
  const played = await team.ask('play', () => heat);
  const afterwards = await team.ask('playLastReads', () => heat);
  const histories = [...played, ...afterwards];
  return heat.rounds.map((id, at) => {
    const parts = histories.flatMap((each) => each[at] ?? []);
    return {
      id,
      reads: parts.flatMap(({ reads }) => reads),
      writes: parts.flatMap(({ writes }) => writes),
      failures: parts.flatMap(({ failures }) => failures),
    };
  });
}

function count(figures: Figures, round: History, { onOffence }: Race): void {
  const verdict = judge(round);
  figures.rounds += 1;
  figures.reads += verdict.reads;
  figures.stale += verdict.stale;
  figures.illegal += verdict.illegal;
  for (const failure of round.failures) figures.failures[failure] = (figures.failures[failure] ?? 0) + 1;
  if (verdict.endedStale) figures.endedStale += 1;
  if (verdict.stale + verdict.illegal > 0) onOffence?.(round, verdict);
}
