export { AdminModule } from './admin.module.js';
export { QUEUE_BOARD_PATH, QueueBoard } from './queue-board/queue-board.http.js';
