import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems, ForbiddenError, Roles } from '../../common/index.js';
import { QueueBoard } from './queue-board.http.js';

@ApiTags('admin')
@Roles('admin')
@Controller('admin/queues')
export class QueueBoardController {
  constructor(private readonly board: QueueBoard) {}

  /**
   * Let this browser open Bull Board.
   *
   * It gets a cookie for `/api/v1/admin/queues` that lasts half an hour, at most until you log out; open that address
   * then. There you see what waits, runs and has failed; you try dead jobs again or remove them, and have delayed
   * ones begin. It shows buttons for more than that, which answer 403.
   */
  @ApiProblems(ForbiddenError)
  @Post('session')
  @HttpCode(204)
  async openQueueBoard(@Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.board.startSession(reply);
  }
}
