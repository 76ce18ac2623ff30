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
   * Close your account.
   *
   * All devices are logged out, likes and bookmarks are deleted, and your reviews remain anonymously. Send your
   * password unless you logged in on this device within the last five minutes.
   */
  @ApiProblems(InvalidCredentialsError, ReauthenticationRequiredError, UserNotFoundError)
  @ApiBody({ type: WithdrawDto, required: false })
  @Delete()
  @HttpCode(204)
  async withdrawMe(@CurrentUser() user: AuthUser, @Body() { password }: WithdrawDto): Promise<void> {
    await this.withdrawals.withdraw(user, password ?? undefined);
  }
}
