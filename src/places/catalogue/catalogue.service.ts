import { Injectable } from '@nestjs/common';
import { Cacheable } from '../../cache/index.js';
import { keptCounts } from '../places.cache-keys.js';
import { PlacesRepository } from '../places.repository.js';

/** The fixed lists by which places are sorted into kinds. */
@Injectable()
export class CatalogueService {
  constructor(private readonly places: PlacesRepository) {}

  /** How many places there are by code of category, or by name of district; those without any are left out. */
  @Cacheable(keptCounts)
  async countBy(property: 'category' | 'district'): Promise<Map<string, number>> {
    return this.places.countBy(property);
  }
}
