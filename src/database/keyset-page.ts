import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { PageRequest, Slice } from '../common/index.js';

/**
 * Keyset pagination: reads one page of a list in descending order of `keys`. If an index has the same columns, every
 * page costs as much as the first, and rows inserted or deleted meanwhile shift nothing.
 *
 * @param query of one entity, with its conditions
 * @param keys properties of the entity, most significant first, the last one unique
 */
export async function findKeysetPage<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  keys: readonly (keyof T & string)[],
  { after, limit }: PageRequest,
): Promise<Slice<T>> {
  const columns = keys.map((key) => `${query.alias}.${key}`);
  if (after !== null) {
    const values = Object.fromEntries(after.map((value, position) => [`after${position}`, value]));
    query.andWhere(`(${columns.join(', ')}) < (${after.map((_, position) => `:after${position}`).join(', ')})`, values);
  }
  for (const column of columns) query.addOrderBy(column, 'DESC');
  // One row more than requested shows whether there is another page.
  const found = await query.limit(limit + 1).getMany();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last === undefined || found.length <= limit ? null : keys.map((key) => positionOf(last[key])) };
}

/** A value that PostgreSQL parses to exactly the stored one: times are stored to the millisecond. */
function positionOf(value: unknown): string | number {
  return value instanceof Date ? value.toISOString() : (value as string | number);
}
