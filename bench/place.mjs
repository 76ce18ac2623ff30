// The value that every cache keeps: a place of the sample data, described at length, as the API gives it.
import { makePlaces } from '../dist/sample-data/places.js';
import { SeededRandom } from '../dist/sample-data/random.js';

const BYTES = 1_500;

/** A place of about 1.5 kB of JSON: what its description lacks is taken from the descriptions of its neighbours. */
export function makePlace() {
  const random = new SeededRandom(2026);
  const [sample, ...others] = makePlaces(random, [random.uuid()]);
  const counted = { likeCount: 12, reviewCount: 3, ratingSum: 13, rating: 4.33, version: 1 };
  const place = { id: 1, ...sample, kakaoId: null, ...counted, updatedAt: sample.created_at };
  for (const { description } of others) {
    if (Buffer.byteLength(JSON.stringify(place)) >= BYTES) break;
    place.description += ` ${description}`;
  }
  return place;
}
