import { Injectable } from '@nestjs/common';
import { Cacheable } from '../../cache/index.js';
import { placeCountCache } from '../places.cache-keys.js';
import { PlacesRepository } from '../places.repository.js';
import { CATEGORY_CODES } from './categories.js';
import { DISTRICT_NAMES } from './districts.js';

/** Statistics of the fixed classifications of places: categories and districts. */
@Injectable()
export class CatalogueService {
  constructor(private readonly places: PlacesRepository) {}

  /** Number of places by category code or by district name. */
  @Cacheable(placeCountCache)
  async countBy(property: 'category' | 'district'): Promise<Map<string, number>> {
    return this.places.countBy(property, property === 'category' ? CATEGORY_CODES : DISTRICT_NAMES);
  }
}
