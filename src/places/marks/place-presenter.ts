import { Injectable } from '@nestjs/common';
import type { AuthUser, Page } from '../../common/index.js';
import { PlacePageDto } from '../dto/place-page.dto.js';
import { PlaceDto } from '../dto/place.dto.js';
import type { Place } from '../place.entity.js';
import { PlaceMarksService } from './place-marks.service.js';

/**
 * Builds the responses for places. Adds the caller's like and bookmark state here, after the cache, so that data of one
 * caller is never cached.
 */
@Injectable()
export class PlacePresenter {
  constructor(private readonly marks: PlaceMarksService) {}

  async one(place: Place, caller: AuthUser | undefined): Promise<PlaceDto> {
    const viewers = await this.findViewers([place], caller);
    return PlaceDto.from(place, viewers?.get(place.id));
  }

  async page({ items, nextCursor }: Page<Place>, caller: AuthUser | undefined): Promise<PlacePageDto> {
    const viewers = await this.findViewers(items, caller);
    return { items: items.map((place) => PlaceDto.from(place, viewers?.get(place.id))), nextCursor };
  }

  private async findViewers(places: readonly Place[], caller: AuthUser | undefined) {
    if (caller === undefined || places.length === 0) return undefined;
    return this.marks.findViewers(caller.userId, places.map(({ id }) => id));
  }
}
