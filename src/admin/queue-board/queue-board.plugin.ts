import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance } from 'fastify';
import { QUEUE_BOARD_PATH, type QueueBoard } from './queue-board.http.js';

/** Serves Bull Board in its own Fastify scope; one hook protects its pages, its files and the API they call. */
export function queueBoard(server: FastifyInstance, { board }: { readonly board: QueueBoard }): void {
  const pages = new FastifyAdapter().setBasePath(QUEUE_BOARD_PATH);
  const queues = [new BullMQAdapter(board.jobs.queue)];
  createBullBoard({ queues, serverAdapter: pages, options: { uiConfig: { boardTitle: 'EcoGreen Seoul' } } });
  const scope = (inside: FastifyInstance, _options: object, done: () => void) => {
    // Runs after rate limiting, so that guesses of session secrets are limited.
    inside.addHook('preValidation', (request, reply) => board.admit(request, reply));
    inside.register(pages.registerPlugin());
    done();
  };
  server.register(scope, { prefix: QUEUE_BOARD_PATH });
}
