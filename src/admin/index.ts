export { AdminModule } from './admin.module.js';
export { QUEUE_BOARD_PATH, QueueBoard } from './queue-board/queue-board.http.js';
export { queueBoard } from './queue-board/queue-board.plugin.js';
