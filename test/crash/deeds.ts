import type { AuthUser } from '../../src/common/index.js';
import type { Cast } from './messages.js';
import type { Service } from './service.js';

/** Numbers from 0 up to 1. */
export type Random = () => number;

type Deed = (service: Service, cast: Cast, random: Random) => Promise<unknown>;

export const PAGE = { after: null, limit: 20 } as const;
export const LISTS = ['latest', 'rating', 'reviews'] as const;
export const filterBy = (sort: (typeof LISTS)[number]) => ({ category: null, district: null, words: [], sort });
const CONTENT = '용기만 가져가면 됩니다. 또 갈게요.';

/** A place that no other equals. */
export const newPlace = (random: Random) => ({
  name: `초록상점 ${word(random)}`,
  category: 'ZERO_WASTE' as const,
  address: `서울 마포구 동교로 ${word(random)}`,
  district: '마포구' as const,
  lat: 37.5636,
  lng: 126.9254,
  description: '포장 없는 곡물과 세제를 덜어 파는 가게',
});

const WRITES: readonly Deed[] = [
  ({ places }, cast, random) => places.update(place(cast, random), admin(cast, random), { name: word(random) }),
  ({ places }, cast, random) => places.update(place(cast, random), admin(cast, random), { lat: 37 + random() / 2 }),
  ({ marks }, cast, random) => marks.like(place(cast, random), user(cast, random)),
  ({ marks }, cast, random) => marks.unlike(place(cast, random), user(cast, random)),
  ({ reviews }, cast, random) => {
    return reviews.create(place(cast, random), user(cast, random), { rating: rating(random), content: CONTENT });
  },
  (service, _cast, random) => {
    return ofReview(service, random, (id, author) => service.reviews.update(id, author, { rating: rating(random) }));
  },
  (service, cast, random) => ofReview(service, random, (id) => service.reviews.like(id, user(cast, random))),
  (service, _cast, random) => ofReview(service, random, (id, author) => service.reviews.remove(id, author)),
  ({ users }, cast, random) => users.rename(user(cast, random), `초록${word(random)}`),
  ({ users }, cast, random) => {
    return users.changePermissions(user(cast, random), { tier: random() < 0.5 ? 'user' : 'premium' });
  },
  async ({ places }, cast, random) => {
    const { id } = await places.create(user(cast, random), newPlace(random));
    await places.get(id);
    await places.remove(id, admin(cast, random));
  },
];

const READS: readonly Deed[] = [
  ({ places }, cast, random) => places.get(place(cast, random)),
  ({ reviews }, cast, random) => reviews.findPage(place(cast, random), 'latest', PAGE),
  ({ places }, _cast, random) => places.findPage(filterBy(one(LISTS, random)), PAGE),
  ({ users }, cast, random) => users.getPermissions(user(cast, random)),
];

/** Changes something, whatever chance says. */
export const writeSomething: Deed = (service, cast, random) => one(WRITES, random)(service, cast, random);

/** Reads something that is cached. */
export const readSomething: Deed = (service, cast, random) => one(READS, random)(service, cast, random);

async function ofReview(
  { query }: Service,
  random: Random,
  deed: (id: number, author: AuthUser) => Promise<unknown>,
): Promise<void> {
  const rows = await query<{ id: number; author: string }>('SELECT id, author_id AS author FROM review');
  if (rows.length === 0) return;
  const { id, author } = one(rows, random);
  await deed(id, { id: author, role: 'user' } as AuthUser);
}

const place = ({ placeIds }: Cast, random: Random) => one(placeIds, random);
const user = ({ userIds }: Cast, random: Random) => one(userIds, random);
const admin = (cast: Cast, random: Random) => ({ id: user(cast, random), role: 'admin' }) as AuthUser;
const rating = (random: Random) => 1 + Math.floor(random() * 5);
const word = (random: Random) => Math.floor(random() * 36 ** 8).toString(36);

function one<T>(choices: readonly T[], random: Random): T {
  return choices[Math.floor(random() * choices.length)] as T;
}
