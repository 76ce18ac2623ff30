import { isDeepStrictEqual } from 'node:util';
import { currentCacheStatus, runWithCacheStatus } from '../../src/cache/index.js';
import { filterBy, LISTS, PAGE } from './actions.js';
import type { Fixtures } from './messages.js';
import type { Service } from './service.js';

/** What was found when everything that may be cached was read, from the cache and from PostgreSQL. */
export interface Comparison {
  /** Values that came from the cache. */
  readonly compared: number;
  /** Which of them were not what PostgreSQL says. */
  readonly differences: readonly string[];
}

/** To be called while nobody writes. */
export async function compare(service: Service, fixtures: Fixtures): Promise<Comparison> {
  const differences: string[] = [];
  let compared = 0;
  for (const [name, read] of await everyRead(service, fixtures)) {
    const [kept, isHit] = await runWithCacheStatus(async () => {
      return [await orError(read), currentCacheStatus() === 'HIT'] as const;
    });
    if (!isHit) continue;
    compared += 1;
    const stored = await service.uncached(() => orError(read));
    if (isDeepStrictEqual(kept, stored)) continue;
    differences.push(`${name}: ${firstDifference(JSON.stringify(kept), JSON.stringify(stored))}`);
  }
  return { compared, differences };
}

type NamedRead = readonly [name: string, read: () => Promise<unknown>];

async function everyRead({ places, reviews, users, query }: Service, fixtures: Fixtures): Promise<NamedRead[]> {
  const [newest] = await query<{ id: number }>('SELECT last_value::int AS id FROM place_id_seq');
  // Places that were created and removed again lately are among them.
  const lately = Array.from({ length: 20 }, (_, back) => (newest?.id ?? 0) - back).filter((id) => id > 0);
  return [
    ...[...new Set([...fixtures.placeIds, ...lately])].map((id): NamedRead => [`place ${id}`, () => places.get(id)]),
    ...fixtures.placeIds.map((id): NamedRead => [`reviews of ${id}`, () => reviews.findPage(id, 'latest', PAGE)]),
    ...LISTS.map((sort): NamedRead => [`list by ${sort}`, () => places.findPage(filterBy(sort), PAGE)]),
    ...fixtures.userIds.map((id): NamedRead => [`permissions of ${id}`, () => users.getPermissions(id)]),
  ];
}

function firstDifference(kept: string, stored: string): string {
  let at = 0;
  while (at < kept.length && kept[at] === stored[at]) at += 1;
  const excerpt = (text: string) => text.slice(Math.max(0, at - 30), at + 30);
  return `the cache has …${excerpt(kept)}…, PostgreSQL …${excerpt(stored)}…`;
}

function orError(read: () => Promise<unknown>): Promise<unknown> {
  return read().catch((error: unknown) => String(error));
}
