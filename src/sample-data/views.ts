import type { SeededRandom } from './random.js';

/** A row of `place_view`. */
export interface SampleViews {
  readonly hour: string;
  readonly place_id: unknown;
  readonly views: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24 * 7;
/** One in 25 places is viewed in each hour. */
const SEEN_ONE_IN = 25;

/** Generates views of the seven days before `now`: deterministic, except for the hours, which depend on `now`. */
export function makeViews(random: SeededRandom, placeIds: readonly unknown[], now: number): SampleViews[] {
  const thisHour = Math.floor(now / HOUR_MS);
  return Array.from({ length: HOURS }, (_, ago) => {
    const hour = new Date((thisHour - ago) * HOUR_MS).toISOString();
    const seen = placeIds.filter(() => random.chance(1 / SEEN_ONE_IN));
    return seen.map((placeId) => ({ hour, place_id: placeId, views: random.integer(1, 12) }));
  }).flat();
}
