import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblems, CurrentUser, InvalidCursorError, PageQueryDto, type AuthUser } from '../../common/index.js';
import { SessionNotFoundError } from '../auth.errors.js';
import { SessionPageDto } from '../dto/session-page.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('auth')
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /**
   * List your device sessions.
   *
   * Newest login first; at most 20.
   */
  @ApiProblems(InvalidCursorError)
  @Get()
  async listSessions(@CurrentUser() user: AuthUser, @Query() query: PageQueryDto): Promise<SessionPageDto> {
    return SessionPageDto.from(await this.sessions.list(user, query), user.sessionId);
  }

  /**
   * Log out one device.
   *
   * Its tokens become invalid immediately.
   */
  @ApiParam({ name: 'id', description: 'UUID of the session.', schema: { type: 'string', format: 'uuid' } })
  @ApiProblems(SessionNotFoundError)
  @Delete(':id')
  @HttpCode(204)
  async endSession(@CurrentUser() user: AuthUser, @Param('id') id: string): Promise<void> {
    await this.sessions.end(user, id);
  }

  /** Log out all other devices. */
  @Delete()
  @HttpCode(204)
  async endOtherSessions(@CurrentUser() user: AuthUser): Promise<void> {
    await this.sessions.endOthers(user);
  }
}
