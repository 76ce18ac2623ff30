import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems, CurrentUser, ForbiddenError, Roles, type AuthUser } from '../../common/index.js';
import { QueueBoard } from './queue-board.http.js';

@ApiTags('admin')
@Roles('admin')
@Controller('admin/queues')
export class QueueBoardController {
  constructor(private readonly board: QueueBoard) {}

  /**
   * Open a session for the queue board (Bull Board) in this browser.
   *
   * Sets a cookie for `/api/v1/admin/queues` that is valid for 30 minutes, or until you log out; then open that URL.
   * The board shows waiting, active and failed jobs; failed jobs can be retried or removed, and delayed jobs promoted.
   * Its other buttons respond 403.
   */
  @ApiProblems(ForbiddenError)
  @Post('session')
  @HttpCode(204)
  async openQueueBoard(@CurrentUser() admin: AuthUser, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.board.startSession(admin, reply);
  }
}
