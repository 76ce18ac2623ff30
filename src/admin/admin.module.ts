import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.js';
import { AdminCachesController } from './admin-caches.controller.js';
import { AdminCachesService } from './admin-caches.service.js';
import { AdminJobsController } from './admin-jobs.controller.js';
import { AdminJobsService } from './admin-jobs.service.js';
import { QueueBoardSessions } from './queue-board/queue-board-sessions.js';
import { QueueBoardController } from './queue-board/queue-board.controller.js';
import { QueueBoard } from './queue-board/queue-board.http.js';

@Module({
  imports: [AuthModule],
  controllers: [AdminCachesController, AdminJobsController, QueueBoardController],
  providers: [AdminCachesService, AdminJobsService, QueueBoard, QueueBoardSessions],
})
export class AdminModule {}
