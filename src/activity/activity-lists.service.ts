import { Injectable } from '@nestjs/common';
import { CursorCodec, type Page, type PageQueryDto } from '../common/index.js';
import type { KeysetPage, PageRequest } from '../database/index.js';
import { PlacesService, type Place } from '../places/index.js';
import type { RankingWindow } from './rankings/ranking-store.js';
import { Rankings } from './rankings/rankings.js';
import { RecentPlaces } from './recent/recent-places.js';

/** Lists of places by activity; deleted places are left out. */
@Injectable()
export class ActivityListsService {
  constructor(
    private readonly rankings: Rankings,
    private readonly recent: RecentPlaces,
    private readonly places: PlacesService,
    private readonly cursors: CursorCodec,
  ) {}

  /**
   * Most popular places, highest rank first.
   * @throws InvalidCursorError
   */
  listPopular(window: RankingWindow, query: PageQueryDto): Promise<Page<Place>> {
    return this.list({ popular: window }, query, (page) => this.rankings.page(window, page));
  }

  /**
   * Places a user has viewed, most recent first.
   * @throws InvalidCursorError
   */
  listRecent(userId: string, query: PageQueryDto): Promise<Page<Place>> {
    return this.list({ recent: userId }, query, (page) => this.recent.page(userId, page));
  }

  private async list(
    query: object,
    { cursor, limit }: PageQueryDto,
    find: (page: PageRequest) => Promise<KeysetPage<number>>,
  ): Promise<Page<Place>> {
    const after = cursor === undefined ? null : this.cursors.decode(query, cursor, 1);
    const { rows, next } = await find({ after, limit });
    return { items: await this.places.findAll(rows), nextCursor: next && this.cursors.encode(query, next) };
  }
}
