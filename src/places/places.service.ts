import { Injectable } from '@nestjs/common';
import { EventEmitter2, OnEvent } from '@nestjs/event-emitter';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict, Caching } from '../cache/index.js';
import { CursorCodec, ForbiddenError, VersionMismatchError, type AuthUser, type Page, type PageQueryDto } from '../common/index.js';
import type { PageRequest } from '../database/index.js';
import { UserWithdrawn } from '../users/index.js';
import { filterOf, type PlaceFilter, type PlaceWishes } from './place-query.js';
import type { Place } from './place.entity.js';
import { everyList, everyPlace, keptLists, keptPlace, listsByReviews, onePlace } from './places.cache-keys.js';
import { PlaceNotFoundError } from './places.errors.js';
import { PlaceCreated, PlaceEdited, PlaceRemoved } from './places.events.js';
import { PlacesRepository, type PlaceFields } from './places.repository.js';

/** What can be done with places, and by whom. */
@Injectable()
export class PlacesService {
  constructor(
    private readonly places: PlacesRepository,
    private readonly cursors: CursorCodec,
    private readonly events: EventEmitter2,
  ) {}

  /** @throws PlaceNotFoundError */
  @Cacheable(keptPlace)
  async get(id: number): Promise<Place> {
    const place = await this.places.find(id);
    if (place === undefined) throw new PlaceNotFoundError();
    return place;
  }

  /** The places there are among the ids, in their order. */
  async findAll(ids: readonly number[]): Promise<Place[]> {
    const places = await Promise.all(ids.map((id) => this.get(id).catch(nullIfMissing)));
    return places.filter((place) => place !== null);
  }

  /** @throws InvalidCursorError */
  async list({ cursor, limit, ...wishes }: PlaceWishes & PageQueryDto): Promise<Page<Place>> {
    const filter = filterOf(wishes);
    const after = cursor === undefined ? null : this.cursors.decode(filter, cursor, 2);
    const { ids, next } = await this.findPage(filter, { after, limit });
    return { items: await this.findAll(ids), nextCursor: next && this.cursors.encode(filter, next) };
  }

  /** Ids of one page of a list, and where the next page begins. */
  @Cacheable(keptLists)
  async findPage(filter: PlaceFilter, page: PageRequest): Promise<PageOfIds> {
    const { rows, next } = await this.places.findPage(filter, page);
    return { ids: rows.map(({ id }) => id), next };
  }

  /** @throws PlaceAlreadyExistsError */
  @CacheEvict(everyList)
  @Transactional()
  async create(ownerId: string, fields: PlaceFields): Promise<Place> {
    const place = await this.places.insert({ ...fields, ownerId });
    await this.events.emitAsync(PlaceCreated.event, new PlaceCreated(place.id, place.name));
    return place;
  }

  /**
   * @param versions those the caller has seen; undefined for any
   * @throws PlaceNotFoundError, ForbiddenError, VersionMismatchError, PlaceAlreadyExistsError
   */
  @Caching({ evict: [onePlace, everyList] })
  @Transactional()
  async update(
    id: number,
    user: AuthUser,
    changes: Partial<PlaceFields>,
    versions?: readonly number[],
  ): Promise<Place> {
    await this.lockOwn(id, user, versions);
    const place = await this.places.update(id, changes);
    await this.events.emitAsync(PlaceEdited.event, new PlaceEdited(id, place.name, place.version, user.id));
    return place;
  }

  /**
   * @param versions those the caller has seen; undefined for any
   * @throws PlaceNotFoundError, ForbiddenError, VersionMismatchError
   */
  @Caching({ evict: [onePlace, everyList] })
  @Transactional()
  async remove(id: number, user: AuthUser, versions?: readonly number[]): Promise<void> {
    await this.lockOwn(id, user, versions);
    await this.places.remove(id);
    await this.events.emitAsync(PlaceRemoved.event, new PlaceRemoved(id));
  }

  /**
   * For whoever keeps reviews: runs `change`, which adds, edits or removes reviews of the place, while nobody else can.
   * What the place shows of its reviews is new to everybody afterwards.
   * @throws PlaceNotFoundError
   */
  @Caching({ evict: [onePlace, listsByReviews] })
  @Transactional()
  async changeReviews<T>(id: number, change: () => Promise<T>): Promise<T> {
    if ((await this.places.findAndLock(id)) === null) throw new PlaceNotFoundError();
    return change();
  }

  /** The places a user owned have no owner now, those the user liked have one like less. */
  @OnEvent(UserWithdrawn.event, { suppressErrors: false })
  @CacheEvict(everyPlace)
  async forgetUser(): Promise<void> {
    // The foreign keys and triggers of the database have done the rest.
  }

  private async lockOwn(id: number, user: AuthUser, versions?: readonly number[]): Promise<void> {
    const place = await this.places.findAndLock(id);
    if (place === null) throw new PlaceNotFoundError();
    if (place.ownerId !== user.id && user.role !== 'admin') throw new ForbiddenError();
    if (versions?.includes(place.version) === false) throw new VersionMismatchError();
  }
}

/** What is cached of a page. */
export interface PageOfIds {
  readonly ids: readonly number[];
  readonly next: readonly (string | number)[] | null;
}

function nullIfMissing(error: unknown): null {
  if (error instanceof PlaceNotFoundError) return null;
  throw error;
}
