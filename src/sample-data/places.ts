import { CATEGORY_CODES, DISTRICTS, DISTRICT_NAMES, type Category, type DistrictName, type OpeningHours } from '../places/index.js';
import { REMARKS, NAME_BEGINNINGS, NAME_ENDINGS, OFFERS, STREETS } from './place-words.js';
import type { SeededRandom } from './random.js';

/** A row of `place`, without the counters that the database maintains. */
export interface SamplePlace {
  readonly name: string;
  readonly category: Category;
  readonly address: string;
  readonly district: string;
  readonly lat: number;
  readonly lng: number;
  readonly description: string;
  readonly phone: string | null;
  readonly homepage: string | null;
  readonly opening_hours: OpeningHours | null;
  readonly owner_id: string;
  readonly created_at: string;
}

/** Places per district, of which there are 25. */
const PLACES_PER_DISTRICT = 12;
const FIRST_DAY = Date.UTC(2025, 1, 1);
const LAST_DAY = Date.UTC(2026, 5, 30);

/** Generates 300 fictitious places within the approximate bounds of their districts. */
export function makePlaces(random: SeededRandom, ownerIds: readonly string[]): SamplePlace[] {
  const taken = new Set<string>();
  return Array.from({ length: PLACES_PER_DISTRICT }, () => DISTRICT_NAMES)
    .flat()
    .map((district, index) => makePlace(random, { index, district }, ownerIds, taken));
}

function makePlace(
  random: SeededRandom,
  { index, district }: { index: number; district: DistrictName },
  ownerIds: readonly string[],
  taken: Set<string>,
): SamplePlace {
  const category = random.pick(CATEGORY_CODES);
  const street = random.pick(STREETS[district]);
  const { lat, lng } = DISTRICTS[district];
  return {
    name: makeName(random, street, NAME_ENDINGS[category], taken),
    category,
    address: `서울 ${district} ${street} ${random.integer(3, 320)}, ${random.integer(1, 3)}층`,
    district,
    // The middle 40 % of each range: the bounds are boxes, the districts are not.
    lat: round(random.between(lat[0] * 0.7 + lat[1] * 0.3, lat[0] * 0.3 + lat[1] * 0.7)),
    lng: round(random.between(lng[0] * 0.7 + lng[1] * 0.3, lng[0] * 0.3 + lng[1] * 0.7)),
    description: [...random.sample(OFFERS[category], 2), random.pick(REMARKS)].join(' '),
    // Unassignable: no telephone exchange in Seoul begins with 0, and .example domains cannot be registered.
    phone: random.chance(0.7) ? `02-0${random.integer(100, 999)}-${random.integer(1000, 9999)}` : null,
    homepage: random.chance(0.4) ? `https://place-${index + 1}.example` : null,
    opening_hours: random.chance(0.8) ? makeOpeningHours(random) : null,
    owner_id: random.pick(ownerIds),
    created_at: new Date(Math.floor(random.between(FIRST_DAY, LAST_DAY))).toISOString(),
  };
}

function makeName(random: SeededRandom, street: string, endings: readonly string[], taken: Set<string>): string {
  const name = `${random.pick(NAME_BEGINNINGS)}${random.pick(endings)}`;
  const unique = taken.has(name) ? `${name} ${street}점` : name;
  if (taken.has(unique)) return makeName(random, street, endings, taken);
  taken.add(unique);
  return unique;
}

function makeOpeningHours(random: SeededRandom): OpeningHours {
  const open = random.pick(['09:00', '10:00', '10:30', '11:00']);
  const day = [{ open, close: random.pick(['18:00', '19:00', '20:30', '21:00']) }];
  const weekend = [{ open: '11:00', close: '18:00' }];
  const closedOn = random.pick(['mon', 'tue', 'sun'] as const);
  return { mon: day, tue: day, wed: day, thu: day, fri: day, sat: weekend, sun: weekend, [closedOn]: [] };
}

function round(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5;
}
