import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { SessionStore } from '../../tokens/index.js';
import { UserWithdrawn } from '../../users/index.js';

/** Ends all sessions of a user before the withdrawal commits; an error rolls the withdrawal back. */
@Injectable()
export class WithdrawalListener {
  constructor(private readonly sessions: SessionStore) {}

  @OnEvent(UserWithdrawn.event, { suppressErrors: false })
  async endSessions({ userId }: UserWithdrawn): Promise<void> {
    await this.sessions.endAll(userId);
  }
}
