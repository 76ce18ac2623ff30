import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { TokenService } from '../../tokens/index.js';
import { UserWithdrawn } from '../../users/index.js';

/** Ends all sessions of a user before the withdrawal commits; an error rolls the withdrawal back. */
@Injectable()
export class WithdrawalListener {
  constructor(private readonly tokens: TokenService) {}

  @OnEvent(UserWithdrawn.event, { suppressErrors: false })
  async endSessions({ userId }: UserWithdrawn): Promise<void> {
    await this.tokens.endAllSessions(userId);
  }
}
