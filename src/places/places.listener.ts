import { Injectable } from '@nestjs/common';
import { CacheEvict } from '../cache/index.js';
import { OnDomainEvent } from '../database/index.js';
import { UserWithdrawn } from '../users/index.js';
import { placeEntry } from './places.cache-keys.js';
import { PlacesRepository } from './places.repository.js';

/** Evicts places that changes in other modules affect. */
@Injectable()
export class PlacesListener {
  constructor(private readonly places: PlacesRepository) {}

  /** Places the user owns, which lose their owner, and places the user likes, which lose a like. */
  @OnDomainEvent(UserWithdrawn)
  async evictPlacesOf({ userId }: UserWithdrawn): Promise<void> {
    for (const id of await this.places.findOwnedOrLikedBy(userId)) await this.evict(id);
  }

  @CacheEvict(placeEntry)
  async evict(_id: number): Promise<void> {
    // Empty: foreign keys and triggers change the row, and the decorator evicts.
  }
}
