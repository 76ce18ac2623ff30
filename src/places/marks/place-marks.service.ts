import { Injectable } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import { CacheEvict } from '../../cache/index.js';
import { CursorCodec, type Page, type PageQueryDto, type PageRequest } from '../../common/index.js';
import { UsersService } from '../../users/index.js';
import type { Place } from '../place.entity.js';
import { placeEntryIfChanged } from '../places.cache-keys.js';
import { PlaceNotFoundError } from '../places.errors.js';
import { PlacesService } from '../places.service.js';
import { PlaceMarksRepository, type Mark } from './place-marks.repository.js';

/** Like and bookmark state of a place for one user. */
export interface PlaceViewer {
  readonly liked: boolean;
  readonly bookmarked: boolean;
}

/** Likes and bookmarks. All operations are idempotent. */
@Injectable()
export class PlaceMarksService {
  constructor(
    private readonly marks: PlaceMarksRepository,
    private readonly places: PlacesService,
    private readonly users: UsersService,
    private readonly cursors: CursorCodec,
  ) {}

  /** @returns whether the like is new; @throws PlaceNotFoundError, UserNotFoundError */
  @CacheEvict(placeEntryIfChanged)
  @Transactional()
  async like(placeId: number, userId: string): Promise<boolean> {
    await this.users.lockUntilCommit(userId);
    return orThrowNotFound(await this.marks.add('like', placeId, userId));
  }

  /** @returns whether there was a like; @throws PlaceNotFoundError, UserNotFoundError */
  @CacheEvict(placeEntryIfChanged)
  @Transactional()
  async unlike(placeId: number, userId: string): Promise<boolean> {
    await this.users.lockUntilCommit(userId);
    return orThrowNotFound(await this.marks.remove('like', placeId, userId));
  }

  /** @throws PlaceNotFoundError, UserNotFoundError */
  @Transactional()
  async bookmark(placeId: number, userId: string): Promise<void> {
    await this.users.lockUntilCommit(userId);
    orThrowNotFound(await this.marks.add('bookmark', placeId, userId));
  }

  /** @throws PlaceNotFoundError, UserNotFoundError */
  @Transactional()
  async unbookmark(placeId: number, userId: string): Promise<void> {
    await this.users.lockUntilCommit(userId);
    orThrowNotFound(await this.marks.remove('bookmark', placeId, userId));
  }

  /**
   * Places a user has marked, newest mark first.
   * @throws InvalidCursorError
   */
  async list(mark: Mark, userId: string, request: PageQueryDto): Promise<Page<Place>> {
    return this.cursors.page({ mark, userId }, request, async (page: PageRequest) => {
      const { items, next } = await this.marks.findPage(mark, userId, page);
      return { items: await this.places.findAll(items.map(({ placeId }) => placeId)), next };
    });
  }

  /**
   * Ids of the users who have bookmarked the place, ascending.
   * @param after last user id of the previous page; null for the first page
   */
  async findBookmarkers(placeId: number, after: string | null, limit: number): Promise<string[]> {
    return this.marks.findMarkers('bookmark', placeId, after, limit);
  }

  /** Number of likes and bookmarks by place id that were set at that time or later and still exist. */
  async countSince(time: Date): Promise<ReadonlyMap<number, number>> {
    return this.marks.countSince(time);
  }

  /** Like and bookmark state of each place for the user; never cached. */
  async findViewers(userId: string, placeIds: readonly number[]): Promise<Map<number, PlaceViewer>> {
    const [liked, bookmarked] = await Promise.all([
      this.marks.findMarked('like', userId, placeIds),
      this.marks.findMarked('bookmark', userId, placeIds),
    ]);
    return new Map(placeIds.map((id) => [id, { liked: liked.has(id), bookmarked: bookmarked.has(id) }]));
  }
}

function orThrowNotFound(changed: boolean | null): boolean {
  if (changed === null) throw new PlaceNotFoundError();
  return changed;
}
