import { Body, Controller, HttpCode, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, type AuthUser } from '../../common/index.js';
import { InvalidCredentialsError, WeakPasswordError } from '../auth.errors.js';
import { ChangePasswordDto } from '../dto/change-password.dto.js';
import { PasswordService } from './password.service.js';

@ApiTags('auth')
@Controller('auth/password')
export class PasswordController {
  constructor(private readonly passwords: PasswordService) {}

  /**
   * Change your password.
   *
   * All other devices are logged out.
   */
  @ApiProblems(WeakPasswordError, InvalidCredentialsError)
  @Put()
  @HttpCode(204)
  async changePassword(@CurrentUser() user: AuthUser, @Body() body: ChangePasswordDto): Promise<void> {
    await this.passwords.change(user, body.currentPassword, body.newPassword);
  }
}
