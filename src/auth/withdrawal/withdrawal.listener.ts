import { Injectable } from '@nestjs/common';
import { OnDomainEvent } from '../../database/index.js';
import { SessionStore } from '../../tokens/index.js';
import { UserWithdrawn } from '../../users/index.js';

/** Ends all sessions of a user before the withdrawal commits; an error rolls the withdrawal back. */
@Injectable()
export class WithdrawalListener {
  constructor(private readonly sessions: SessionStore) {}

  @OnDomainEvent(UserWithdrawn)
  async endSessions({ userId }: UserWithdrawn): Promise<void> {
    await this.sessions.endAll(userId);
  }
}
