import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, type AuthUser } from '../common/index.js';
import { RenameDto } from './dto/rename.dto.js';
import { UserDto } from './dto/user.dto.js';
import { NicknameTakenError, UserNotFoundError } from './users.errors.js';
import { UsersService } from './users.service.js';

@ApiTags('users')
@Controller('users/me')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** Get your profile. */
  @ApiProblems(UserNotFoundError)
  @Get()
  async getMe(@CurrentUser() user: AuthUser): Promise<UserDto> {
    return UserDto.from(await this.users.get(user.userId));
  }

  /**
   * Change your nickname.
   *
   * Your reviews show the new nickname immediately.
   */
  @ApiProblems(UserNotFoundError, NicknameTakenError)
  @Patch()
  async renameMe(@CurrentUser() user: AuthUser, @Body() { nickname }: RenameDto): Promise<UserDto> {
    return UserDto.from(await this.users.rename(user.userId, nickname));
  }
}
