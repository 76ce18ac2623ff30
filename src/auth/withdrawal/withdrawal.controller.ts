import { Body, Controller, Delete, HttpCode } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, type AuthUser } from '../../common/index.js';
import { UserNotFoundError } from '../../users/index.js';
import { InvalidCredentialsError, ReauthenticationRequiredError } from '../auth.errors.js';
import { WithdrawDto } from '../dto/withdraw.dto.js';
import { WithdrawalService } from './withdrawal.service.js';

@ApiTags('users')
@Controller('users/me')
export class WithdrawalController {
  constructor(private readonly withdrawals: WithdrawalService) {}

  /**
   * Close your account: all devices are logged out, likes and bookmarks deleted, reviews stay without your name.
   *
   * Send your password, or log in on this device less than five minutes before.
   */
  @ApiProblems(InvalidCredentialsError, ReauthenticationRequiredError, UserNotFoundError)
  @ApiBody({ type: WithdrawDto, required: false })
  @Delete()
  @HttpCode(204)
  async withdrawMe(@CurrentUser() user: AuthUser, @Body() { password }: WithdrawDto): Promise<void> {
    await this.withdrawals.withdraw(user, password ?? undefined);
  }
}
