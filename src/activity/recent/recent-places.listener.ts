import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OnDomainEvent, Outbox } from '../../database/index.js';
import { UserWithdrawn } from '../../users/index.js';
import { RecentPlaces } from './recent-places.js';

const TOPIC = 'recent-places';

/**
 * Deletes the recently viewed places of users who delete their account, after the commit. The outbox retries it if this
 * process dies in between; if the transaction rolls back, nothing is deleted.
 */
@Injectable()
export class RecentPlacesListener implements OnModuleInit {
  constructor(
    private readonly recent: RecentPlaces,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.outbox.handle(TOPIC, async (rows) => {
      for (const { payload } of rows) await this.recent.deleteOf(String(payload));
    });
  }

  @OnDomainEvent(UserWithdrawn)
  async deleteRecentPlaces({ userId }: UserWithdrawn): Promise<void> {
    await this.outbox.post(TOPIC, [userId]);
  }
}
