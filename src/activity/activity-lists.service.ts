import { Injectable } from '@nestjs/common';
import { CursorCodec, type Page, type PageQueryDto, type PageRequest, type Slice } from '../common/index.js';
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
    const find = async (page: PageRequest) => this.findPlaces(await this.rankings.page(window, page));
    return this.cursors.page({ popular: window }, query, find);
  }

  /**
   * Places a user has viewed, most recent first.
   * @throws InvalidCursorError
   */
  listRecent(userId: string, query: PageQueryDto): Promise<Page<Place>> {
    const find = async (page: PageRequest) => this.findPlaces(await this.recent.page(userId, page));
    return this.cursors.page({ recent: userId }, query, find);
  }

  private async findPlaces({ items, next }: Slice<number>): Promise<Slice<Place>> {
    return { items: await this.places.findAll(items), next };
  }
}
