import { isDeepStrictEqual } from 'node:util';
import { currentCacheStatus, runWithCacheStatus } from '../../src/cache/index.js';
import { filterBy, LISTS, PAGE } from './actions.js';
import type { Fixtures } from './messages.js';
import type { Service } from './service.js';

/** Result of reading everything cacheable from the cache and from PostgreSQL. */
export interface Comparison {
  /** Number of values that came from the cache. */
  readonly compared: number;
  /** Descriptions of those that differ from PostgreSQL. */
  readonly differences: readonly string[];
}

/** Compares the cache with PostgreSQL; call it only while nothing writes. */
export async function compare(service: Service, fixtures: Fixtures): Promise<Comparison> {
  const differences: string[] = [];
  let compared = 0;
  for (const [name, read] of await everyRead(service, fixtures)) {
    const [cached, isHit] = await runWithCacheStatus(async () => {
      return [await orError(read), currentCacheStatus() === 'HIT'] as const;
    });
    if (!isHit) continue;
    compared += 1;
    const stored = await service.uncached(() => orError(read));
    if (isDeepStrictEqual(cached, stored)) continue;
    differences.push(`${name}: ${firstDifference(JSON.stringify(cached), JSON.stringify(stored))}`);
  }
  return { compared, differences };
}

type NamedRead = readonly [name: string, read: () => Promise<unknown>];

async function everyRead({ places, reviews, users, query }: Service, fixtures: Fixtures): Promise<NamedRead[]> {
  const [newest] = await query<{ id: number }>('SELECT last_value::int AS id FROM place_id_seq');
  // Includes places that were recently created and removed.
  const recent = Array.from({ length: 20 }, (_, back) => (newest?.id ?? 0) - back).filter((id) => id > 0);
  return [
    ...[...new Set([...fixtures.placeIds, ...recent])].map((id): NamedRead => [`place ${id}`, () => places.get(id)]),
    ...fixtures.placeIds.map((id): NamedRead => [`reviews of ${id}`, () => reviews.findPage(id, 'latest', PAGE)]),
    ...LISTS.map((sort): NamedRead => [`list by ${sort}`, () => places.findPage(filterBy(sort), PAGE)]),
    ...fixtures.userIds.map((id): NamedRead => [`permissions of ${id}`, () => users.getPermissions(id)]),
  ];
}

function firstDifference(cached: string, stored: string): string {
  let at = 0;
  while (at < cached.length && cached[at] === stored[at]) at += 1;
  const excerpt = (text: string) => text.slice(Math.max(0, at - 30), at + 30);
  return `the cache has …${excerpt(cached)}…, PostgreSQL …${excerpt(stored)}…`;
}

function orError(read: () => Promise<unknown>): Promise<unknown> {
  return read().catch((error: unknown) => String(error));
}
