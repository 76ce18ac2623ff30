import { Injectable } from '@nestjs/common';
import { TransactionHost } from '@nestjs-cls/transactional';
import type { TransactionalAdapterTypeOrm } from '@nestjs-cls/transactional-adapter-typeorm';
import DataLoader from 'dataloader';
import { In, type Repository } from 'typeorm';
import type { PageRequest, Slice } from '../common/index.js';
import { findKeysetPage, inTransaction, translateViolations } from '../database/index.js';
import { UserNotFoundError } from '../users/index.js';
import { SORT_KEYS, type PlaceFilter } from './place-query.js';
import { Place } from './place.entity.js';
import { PlaceAlreadyExistsError } from './places.errors.js';

/** Fields of a place that users edit; the service maintains all others. */
export type PlaceFields = Pick<Place, 'name' | 'category' | 'address' | 'district' | 'lat' | 'lng' | 'description'> &
  Partial<Pick<Place, 'phone' | 'homepage' | 'kakaoId' | 'openingHours'>>;

export type PlacePopularity = Pick<Place, 'id' | 'popularity'>;

const OWNED_OR_LIKED_BY = `
  SELECT id FROM place WHERE owner_id = $1 UNION SELECT place_id FROM place_like WHERE user_id = $1
`;

// In the order of the ids, so that two transactions never wait for each other.
const LOCK_EXISTING = 'SELECT id FROM place WHERE id = ANY($1::int[]) ORDER BY id FOR KEY SHARE';
const OUTDATED_POPULARITY = `
  SELECT id, coalesce(score, 0) AS popularity
  FROM unnest($1::int[], $2::int[]) AS scored (id, score)
    FULL JOIN (SELECT id, popularity FROM place WHERE popularity > 0) AS popular USING (id)
  WHERE coalesce(score, 0) <> coalesce(popularity, 0)
  LIMIT $3
`;
// Skips rows locked by other transactions, so that a ranking never waits for a like or an edit.
const UPDATE_POPULARITY = `
  WITH free AS MATERIALIZED (
    SELECT place.id, changed.popularity
    FROM unnest($1::int[], $2::int[]) AS changed (id, popularity) JOIN place USING (id)
    ORDER BY place.id FOR NO KEY UPDATE OF place SKIP LOCKED
  )
  UPDATE place SET popularity = free.popularity FROM free WHERE place.id = free.id
`;

const translateDatabaseError = translateViolations({
  place_name_address_key: PlaceAlreadyExistsError,
  place_kakao_id_key: PlaceAlreadyExistsError,
  place_owner_id_fkey: UserNotFoundError,
});

/** All queries on places. */
@Injectable()
export class PlacesRepository {
  /**
   * Lookups of one event-loop turn as one query: a list with twenty cache misses costs one query, not twenty. Without
   * the loader's own cache, so that no caller receives a value that was read before its call.
   */
  private readonly loader = new DataLoader((ids: readonly number[]) => this.findEach(ids), {
    cache: false,
    batchScheduleFn: setImmediate,
  });

  constructor(private readonly txHost: TransactionHost<TransactionalAdapterTypeOrm>) {}

  async find(id: number): Promise<Place | undefined> {
    return inTransaction() ? ((await this.repository.findOneBy({ id })) ?? undefined) : this.loader.load(id);
  }

  /** Reads a place and locks its row against changes by other transactions until this transaction ends. */
  async findForUpdate(id: number): Promise<Place | null> {
    return this.repository.findOne({ where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  /** Ids of those places that exist; locks them against deletion, and waits for those that are being deleted. */
  async lockExisting(ids: readonly number[]): Promise<Set<number>> {
    const rows = await this.txHost.tx.query<{ id: number }[]>(LOCK_EXISTING, [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  /** @throws PlaceAlreadyExistsError */
  async insert(place: PlaceFields & { ownerId: string }): Promise<Place> {
    const { identifiers } = await this.repository.insert(place).catch(translateDatabaseError);
    return this.repository.findOneByOrFail({ id: identifiers[0]?.['id'] as number });
  }

  /**
   * Updates the place and increments its version.
   * @throws PlaceAlreadyExistsError
   */
  async update(id: number, changes: Partial<PlaceFields>): Promise<Place> {
    await this.repository.update({ id }, changes).catch(translateDatabaseError);
    return this.repository.findOneByOrFail({ id });
  }

  async remove(id: number): Promise<void> {
    await this.repository.delete({ id });
  }

  /** Ids of the places a user owns or likes. */
  async findOwnedOrLikedBy(userId: string): Promise<number[]> {
    const rows = await this.txHost.tx.query<{ id: number }[]>(OWNED_OR_LIKED_BY, [userId]);
    return rows.map(({ id }) => id);
  }

  /** The popularity that differs from the stored one, at most `limit`; 0 for places without a score. */
  async findOutdatedPopularity(scores: ReadonlyMap<number, number>, limit: number): Promise<PlacePopularity[]> {
    const columns = [[...scores.keys()], [...scores.values()]];
    return this.txHost.tx.query<PlacePopularity[]>(OUTDATED_POPULARITY, [...columns, limit]);
  }

  /** Writes the popularity, except to locked rows; changes neither version nor time of the last edit. */
  async updatePopularity(changes: readonly PlacePopularity[]): Promise<void> {
    const columns = [changes.map(({ id }) => id), changes.map(({ popularity }) => popularity)];
    await this.txHost.tx.query(UPDATE_POPULARITY, columns);
  }

  /** One page of a list; only the id and the sort property of each place are loaded. */
  async findPage({ category, district, words, sort }: PlaceFilter, page: PageRequest): Promise<Slice<Place>> {
    const key = SORT_KEYS[sort];
    const query = this.repository.createQueryBuilder('place').select(['place.id', `place.${key}`]);
    if (category !== null) query.andWhere('place.category = :category', { category });
    if (district !== null) query.andWhere('place.district = :district', { district });
    if (words.length > 0) {
      query.innerJoin('place_search', 'search', 'search.place_id = place.id');
      query.andWhere('search.grams @> search_grams(search_text(:words))', { words: words.join(' ') });
    }
    // The n-grams of a word may all occur, but at other positions in the text.
    for (const [at, word] of words.entries()) {
      query.andWhere(`strpos(search.input, search_text(:word${at})) > 0`, { [`word${at}`]: word });
    }
    return findKeysetPage(query, [key, 'id'], page);
  }

  /** Number of places per value; counted in an index, without reading the rows. */
  async countBy(property: 'category' | 'district', values: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.txHost.tx.query<{ value: string; places: number }[]>(
      `SELECT value, (SELECT count(*)::int FROM place WHERE ${property} = value) AS places
       FROM unnest($1::text[]) AS value`,
      [values],
    );
    return new Map(rows.map(({ value, places }) => [value, places]));
  }

  /** Outside any transaction, whose rows other callers must not see; the loader runs in the context of one of them. */
  private findEach(ids: readonly number[]): Promise<(Place | undefined)[]> {
    return this.txHost.withoutTransaction(async () => {
      const places = await this.repository.findBy({ id: In([...new Set(ids)]) });
      const byId = new Map(places.map((place) => [place.id, place]));
      return ids.map((id) => byId.get(id));
    });
  }

  private get repository(): Repository<Place> {
    return this.txHost.tx.getRepository(Place);
  }
}
