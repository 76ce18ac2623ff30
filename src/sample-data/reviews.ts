import type { Category } from '../places/index.js';
import type { SeededRandom } from './random.js';
import { DETAILS, ENDINGS, IMPRESSIONS, type Mood } from './review-words.js';

/** A row of `review`; `place` is the index of the sample place. */
export interface SampleReview {
  readonly place: number;
  readonly author_id: string;
  readonly rating: number;
  readonly content: string;
  readonly created_at: string;
}

const REVIEWS = 1_500;
const LAST_DAY = Date.UTC(2026, 9, 31);

/** Ratings weighted by frequency: 42 %, 31 %, 16 %, 7 % and 4 % for ratings 5 to 1. */
const RATINGS = [5, 4, 3, 2, 1].flatMap((rating, index) => Array<number>([42, 31, 16, 7, 4][index] ?? 0).fill(rating));

/** Mood by rating, 1 to 5. */
const MOODS: readonly Mood[] = ['poor', 'poor', 'fair', 'good', 'good'];

/** Generates 1,500 reviews, at most one per user and place. */
export function makeReviews(
  random: SeededRandom,
  places: readonly { readonly created_at: string; readonly category: Category }[],
  authorIds: readonly string[],
): SampleReview[] {
  const perPlace = spread(random, places.length);
  return places.flatMap(({ created_at: openedAt, category }, place) =>
    random.sample(authorIds, perPlace[place] ?? 0).map((authorId) => {
      const rating = random.pick(RATINGS);
      return {
        place,
        author_id: authorId,
        rating,
        content: write(random, category, MOODS[rating - 1] ?? 'fair'),
        created_at: new Date(Math.floor(random.between(Date.parse(openedAt), LAST_DAY))).toISOString(),
      };
    }),
  );
}

function write(random: SeededRandom, category: Category, mood: Mood): string {
  const ending = random.chance(0.6) ? [random.pick(ENDINGS[mood])] : [];
  return [random.pick(IMPRESSIONS[mood]), random.pick(DETAILS[category][mood]), ...ending].join(' ');
}

/** Number of reviews per place, 1,500 in total: some places are popular, some nearly unknown. */
function spread(random: SeededRandom, places: number): number[] {
  const counts = Array<number>(places).fill(1);
  for (let given = places; given < REVIEWS; given += 1) {
    // The product of two uniform random numbers is skewed towards places with a low index.
    const place = Math.floor(random.next() * random.next() * places);
    counts[place] = Math.min((counts[place] ?? 0) + 1, 40);
  }
  return counts;
}
