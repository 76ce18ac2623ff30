import { randomBytes } from 'node:crypto';
import type { Role } from '../../src/common/index.js';
import { TokenService } from '../../src/tokens/index.js';
import { UsersService } from '../../src/users/index.js';
import type { TestApp } from './app.js';

/** A signed-in user. */
export interface TestUser {
  readonly id: string;
  readonly nickname: string;
  /** Access token. */
  readonly token: string;
}

export interface PlaceBody {
  readonly id: number;
  readonly name: string;
  readonly category: string;
  readonly address: string;
  readonly district: string;
  readonly likeCount: number;
  readonly reviewCount: number;
  readonly rating: number;
  readonly ownerId: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly viewer?: { liked: boolean; bookmarked: boolean };
}

export interface ReviewBody {
  readonly id: number;
  readonly placeId: number;
  readonly author: { id: string; nickname: string } | null;
  readonly rating: number;
  readonly content: string;
  readonly likeCount: number;
  readonly viewer?: { liked: boolean };
}

export interface PageBody<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/** A user with a session, without the cost of hashing a password. */
export async function aUser({ app }: TestApp, { role = 'user' }: { role?: Role } = {}): Promise<TestUser> {
  const word = randomBytes(6).toString('hex');
  const account = { email: `${word}@example.com`, nickname: `초록${word}`, passwordHash: null };
  const { id, nickname } = await app.get(UsersService, { strict: false }).register(account);
  if (role !== 'user') await app.get(UsersService, { strict: false }).changePermissions(id, { role });
  const { accessToken } = await app.get(TokenService, { strict: false }).open(id);
  return { id, nickname, token: accessToken };
}

/** Several users; five at a time, so that a busy machine need not open dozens of connections at once. */
export async function users(t: TestApp, count: number): Promise<TestUser[]> {
  const created: TestUser[] = [];
  while (created.length < count) {
    const batch = Math.min(5, count - created.length);
    created.push(...(await Promise.all(Array.from({ length: batch }, () => aUser(t)))));
  }
  return created;
}

/** Input of a new place, unique except for the given fields. */
export function newPlace(given: Record<string, unknown> = {}) {
  const word = randomBytes(4).toString('hex');
  return {
    name: `초록상점 ${word}`,
    category: 'ZERO_WASTE',
    address: `서울 마포구 동교로 ${word}`,
    district: '마포구',
    lat: 37.5636,
    lng: 126.9254,
    description: '포장 없는 곡물과 세제를 덜어 파는 가게',
    ...given,
  };
}

/** A place, by default of a new user. */
export async function aPlace(
  t: TestApp,
  { owner, ...given }: { owner?: TestUser } & Record<string, unknown> = {},
): Promise<PlaceBody> {
  const { token } = owner ?? (await aUser(t));
  const { status, body, text } = await t.api.post<PlaceBody>('/places', newPlace(given), { token });
  if (status !== 201) throw new Error(`creating a place answered ${status}: ${text}`);
  return body;
}

/** A review, by default of a new user and a new place. */
export async function aReview(
  t: TestApp,
  { author, place, ...given }: { author?: TestUser; place?: { id: number }; rating?: number; content?: string } = {},
): Promise<ReviewBody> {
  const { token } = author ?? (await aUser(t));
  const { id } = place ?? (await aPlace(t));
  const review = { rating: 5, content: '용기만 가져가면 됩니다. 또 갈게요.', ...given };
  const { status, body, text } = await t.api.post<ReviewBody>(`/places/${id}/reviews`, review, { token });
  if (status !== 201) throw new Error(`writing a review answered ${status}: ${text}`);
  return body;
}

/** All items of a list, page by page; fails after 10,000. */
export async function allPages<T>(t: TestApp, path: string, token?: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next: string = cursor === '' ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
    const { status, body, text } = await t.api.get<PageBody<T>>(path + next, { token });
    if (status !== 200) throw new Error(`${path + next} answered ${status}: ${text}`);
    items.push(...body.items);
    cursor = body.nextCursor;
    if (items.length > 10_000) throw new Error(`${path} does not end`);
  }
  return items;
}
