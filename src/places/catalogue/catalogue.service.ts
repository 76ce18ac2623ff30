import { Injectable } from '@nestjs/common';
import { Cacheable } from '../../cache/index.js';
import { placeCountCache } from '../places.cache-keys.js';
import { PlacesRepository } from '../places.repository.js';
import { CATEGORY_CODES } from './categories.js';
import { DISTRICT_NAMES } from './districts.js';

/** The fixed lists by which places are sorted into kinds. */
@Injectable()
export class CatalogueService {
  constructor(private readonly places: PlacesRepository) {}

  /** How many places there are, by code of category or by name of district. */
  @Cacheable(placeCountCache)
  async countBy(property: 'category' | 'district'): Promise<Map<string, number>> {
    return this.places.countBy(property, property === 'category' ? CATEGORY_CODES : DISTRICT_NAMES);
  }
}
