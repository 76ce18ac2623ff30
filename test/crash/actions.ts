import type { AuthUser } from '../../src/common/index.js';
import type { Fixtures } from './messages.js';
import type { Service } from './service.js';

/** Numbers from 0 up to 1. */
export type Random = () => number;

type Action = (service: Service, fixtures: Fixtures, random: Random) => Promise<unknown>;

export const PAGE = { after: null, limit: 20 } as const;
export const LISTS = ['latest', 'rating', 'reviews'] as const;
export const filterBy = (sort: (typeof LISTS)[number]) => ({ category: null, district: null, words: [], sort });
const CONTENT = '용기만 가져가면 됩니다. 또 갈게요.';

/** Input for a place with a random name. */
export const newPlace = (random: Random) => ({
  name: `초록상점 ${word(random)}`,
  category: 'ZERO_WASTE' as const,
  address: `서울 마포구 동교로 ${word(random)}`,
  district: '마포구' as const,
  lat: 37.5636,
  lng: 126.9254,
  description: '포장 없는 곡물과 세제를 덜어 파는 가게',
});

const WRITES: readonly Action[] = [
  (...context) => updatePlace(context, { name: word(context[2]) }),
  (...context) => updatePlace(context, { lat: 37 + context[2]() / 2 }),
  ({ marks }, fixtures, random) => marks.like(place(fixtures, random), user(fixtures, random)),
  ({ marks }, fixtures, random) => marks.unlike(place(fixtures, random), user(fixtures, random)),
  ({ reviews }, fixtures, random) => {
    const review = { rating: rating(random), content: CONTENT };
    return reviews.create(place(fixtures, random), user(fixtures, random), review);
  },
  (service, _fixtures, random) => {
    return ofReview(service, random, (id, author) => service.reviews.update(id, author, { rating: rating(random) }));
  },
  (service, fixtures, random) => ofReview(service, random, (id) => service.reviews.like(id, user(fixtures, random))),
  (service, _fixtures, random) => ofReview(service, random, (id, author) => service.reviews.remove(id, author)),
  ({ users }, fixtures, random) => users.rename(user(fixtures, random), `초록${word(random)}`),
  ({ users }, fixtures, random) => {
    return users.changePermissions(user(fixtures, random), { tier: random() < 0.5 ? 'user' : 'premium' });
  },
  async ({ places }, fixtures, random) => {
    const { id } = await places.create(user(fixtures, random), newPlace(random));
    await places.get(id);
    await places.remove(id, admin(fixtures, random));
  },
];

const READS: readonly Action[] = [
  ({ places }, fixtures, random) => places.get(place(fixtures, random)),
  ({ reviews }, fixtures, random) => reviews.findPage(place(fixtures, random), 'latest', PAGE),
  ({ places }, _fixtures, random) => places.findPage(filterBy(one(LISTS, random)), PAGE),
  ({ users }, fixtures, random) => users.getPermissions(user(fixtures, random)),
];

/** Runs a random write. */
export const writeSomething: Action = (service, fixtures, random) => one(WRITES, random)(service, fixtures, random);

/** Runs a random cached read. */
export const readSomething: Action = (service, fixtures, random) => one(READS, random)(service, fixtures, random);

function updatePlace(
  [{ places }, fixtures, random]: Parameters<Action>,
  changes: { readonly name?: string; readonly lat?: number },
): Promise<unknown> {
  return places.update(place(fixtures, random), admin(fixtures, random), changes);
}

async function ofReview(
  { query }: Service,
  random: Random,
  action: (id: number, author: AuthUser) => Promise<unknown>,
): Promise<void> {
  const rows = await query<{ id: number; author: string }>('SELECT id, author_id AS author FROM review');
  if (rows.length === 0) return;
  const { id, author } = one(rows, random);
  await action(id, { userId: author, role: 'user' } as AuthUser);
}

const place = ({ placeIds }: Fixtures, random: Random) => one(placeIds, random);
const user = ({ userIds }: Fixtures, random: Random) => one(userIds, random);
const admin = (fixtures: Fixtures, random: Random) => ({ userId: user(fixtures, random), role: 'admin' }) as AuthUser;
const rating = (random: Random) => 1 + Math.floor(random() * 5);
const word = (random: Random) => Math.floor(random() * 36 ** 8).toString(36);

function one<T>(choices: readonly T[], random: Random): T {
  return choices[Math.floor(random() * choices.length)] as T;
}
