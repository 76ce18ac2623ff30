import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { Outbox } from '../../database/index.js';
import { UserWithdrawn } from '../../users/index.js';
import { RecentPlaces } from './recent-places.js';

const TOPIC = 'recent-places';

/**
 * Forgets what users who leave have seen, once their withdrawal is committed. The outbox sees to it when this process
 * dies in between; when the withdrawal rolls back, nothing is forgotten.
 */
@Injectable()
export class RecentPlacesListener implements OnModuleInit {
  constructor(
    private readonly recent: RecentPlaces,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.outbox.handle(TOPIC, async (rows) => {
      for (const { payload } of rows) await this.recent.forget(String(payload));
    });
  }

  @OnEvent(UserWithdrawn.event, { suppressErrors: false })
  async forgetUser({ userId }: UserWithdrawn): Promise<void> {
    await this.outbox.post(TOPIC, [userId]);
  }
}
