import { Injectable } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict, Caching } from '../cache/index.js';
import {
  CursorCodec, ForbiddenError, changedFields, VersionMismatchError, type AuthUser, type Page, type PageQueryDto,
  type PageRequest, type Position,
} from '../common/index.js';
import { DomainEvents } from '../database/index.js';
import { normalizeFilter, type PlaceFilter, type PlaceSearchInput } from './place-query.js';
import type { Place } from './place.entity.js';
import {
  placeListCache, placeCache, listsByReviews, listsOfEdited, listsOfNew, listsOfRemoved, placeEntryOf,
} from './places.cache-keys.js';
import { PlaceNotFoundError } from './places.errors.js';
import { PlaceCreated, PlaceEdited, PlaceRemoved } from './places.events.js';
import { PlacesRepository, type PlaceFields } from './places.repository.js';

const POPULARITY_CHANGES_PER_CALL = 20_000;
const POPULARITY_BATCH_SIZE = 500;

/** Operations on places, with their permission checks. */
@Injectable()
export class PlacesService {
  constructor(
    private readonly places: PlacesRepository,
    private readonly cursors: CursorCodec,
    private readonly events: DomainEvents,
  ) {}

  /** @throws PlaceNotFoundError */
  @Cacheable(placeCache)
  async get(id: number): Promise<Place> {
    const place = await this.places.find(id);
    if (place === undefined) throw new PlaceNotFoundError();
    return place;
  }

  /** The places with these ids, in the order of the ids; ids without a place are skipped. */
  async findAll(ids: readonly number[]): Promise<Place[]> {
    const places = await Promise.all(ids.map((id) => this.get(id).catch(nullIfMissing)));
    return places.filter((place) => place !== null);
  }

  /** @throws InvalidCursorError */
  async list({ cursor, limit, ...input }: PlaceSearchInput & PageQueryDto): Promise<Page<Place>> {
    const filter = normalizeFilter(input);
    return this.cursors.page(filter, { cursor, limit }, async (page: PageRequest) => {
      const { ids, next } = await this.findPage(filter, page);
      return { items: await this.findAll(ids), next };
    });
  }

  /** Ids of one page of a list, and the position of the next page. */
  @Cacheable(placeListCache)
  async findPage(filter: PlaceFilter, page: PageRequest): Promise<PageOfIds> {
    const { items, next } = await this.places.findPage(filter, page);
    return { ids: items.map(({ id }) => id), next };
  }

  /** @throws PlaceAlreadyExistsError */
  @CacheEvict(listsOfNew)
  @Transactional()
  async create(ownerId: string, fields: PlaceFields): Promise<Place> {
    const place = await this.places.insert({ ...fields, ownerId });
    await this.events.publish(new PlaceCreated(place.id, place.name, ownerId));
    return place;
  }

  /**
   * If no value differs from the stored one, neither the place nor its version changes, and nothing is evicted.
   * @param versions versions the caller accepts (`If-Match`); undefined for any
   * @throws PlaceNotFoundError, ForbiddenError, VersionMismatchError, PlaceAlreadyExistsError
   */
  @Transactional()
  async update(
    id: number,
    user: AuthUser,
    changes: Partial<PlaceFields>,
    versions?: readonly number[],
  ): Promise<Place> {
    const place = await this.lockOwn(id, user, versions);
    const changed = changedFields(place, changes);
    return Object.keys(changed).length === 0 ? place : this.edit(place, changed, user.userId);
  }

  /** Used by `update`; the caller must hold the lock on the place. */
  @Caching({ evict: [placeEntryOf, listsOfEdited] })
  async edit({ id }: Place, changes: Partial<PlaceFields>, editorId: string): Promise<Place> {
    const place = await this.places.update(id, changes);
    await this.events.publish(new PlaceEdited(id, place.name, place.updatedAt, editorId));
    return place;
  }

  /**
   * @param versions versions the caller accepts (`If-Match`); undefined for any
   * @throws PlaceNotFoundError, ForbiddenError, VersionMismatchError
   */
  @Transactional()
  async remove(id: number, user: AuthUser, versions?: readonly number[]): Promise<void> {
    await this.removeLocked(await this.lockOwn(id, user, versions));
  }

  /** Used by `remove`; the caller must hold the lock on the place. */
  @Caching({ evict: [placeEntryOf, listsOfRemoved] })
  async removeLocked({ id }: Place): Promise<void> {
    await this.places.remove(id);
    await this.events.publish(new PlaceRemoved(id));
  }

  /**
   * For the module `reviews`: runs `change`, which adds, rates or deletes reviews of the place, while holding the
   * lock on the place. Then evicts the place and the lists sorted by its reviews.
   * @throws PlaceNotFoundError
   */
  @Transactional()
  async withPlaceLocked<T>(id: number, change: () => Promise<T>): Promise<T> {
    const place = await this.places.findForUpdate(id);
    if (place === null) throw new PlaceNotFoundError();
    return this.changeReviewsOf(place, change);
  }

  /** Used by `withPlaceLocked`; the caller must hold the lock on the place. */
  @Caching({ evict: [placeEntryOf, listsByReviews] })
  async changeReviewsOf<T>(_place: Place, change: () => Promise<T>): Promise<T> {
    return change();
  }

  /**
   * Ids of those places that exist: until the transaction ends, none of them can be deleted. Waits for places that are
   * being deleted.
   */
  async lockExisting(ids: readonly number[]): Promise<ReadonlySet<number>> {
    return this.places.lockExisting(ids);
  }

  /**
   * Sets the popularity of all places, at most 20,000 per call: the given scores, and 0 for places without one. Places
   * that are being changed keep theirs until the next call, which thus never waits.
   * @param scores by place id
   */
  async setPopularity(scores: ReadonlyMap<number, number>): Promise<void> {
    const changes = await this.places.findOutdatedPopularity(scores, POPULARITY_CHANGES_PER_CALL);
    for (let at = 0; at < changes.length; at += POPULARITY_BATCH_SIZE) {
      await this.places.updatePopularity(changes.slice(at, at + POPULARITY_BATCH_SIZE));
    }
  }

  private async lockOwn(id: number, user: AuthUser, versions?: readonly number[]): Promise<Place> {
    const place = await this.places.findForUpdate(id);
    if (place === null) throw new PlaceNotFoundError();
    if (place.ownerId !== user.userId && user.role !== 'admin') throw new ForbiddenError();
    if (versions?.includes(place.version) === false) throw new VersionMismatchError();
    return place;
  }
}

/** Cached value of a list page. */
export interface PageOfIds {
  readonly ids: readonly number[];
  readonly next: Position | null;
}

function nullIfMissing(error: unknown): null {
  if (error instanceof PlaceNotFoundError) return null;
  throw error;
}
