import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { TokenService } from '../../tokens/index.js';
import { UserWithdrawn } from '../../users/index.js';

/** Logs a user out everywhere before the withdrawal commits; if that fails, the withdrawal fails. */
@Injectable()
export class WithdrawalListener {
  constructor(private readonly tokens: TokenService) {}

  @OnEvent(UserWithdrawn.event, { suppressErrors: false })
  async endSessions({ userId }: UserWithdrawn): Promise<void> {
    await this.tokens.endAllSessions(userId);
  }
}
