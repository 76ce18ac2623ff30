import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  AppError, ForbiddenError, InternalError, isSameOrigin, isUnavailable, MalformedRequestError, OriginNotAllowedError,
  sendProblem, ServiceUnavailableError, type AuthUser,
} from '../../common/index.js';
import { JobQueue } from '../../jobs/index.js';
import { QueueBoardSessions } from './queue-board-sessions.js';

export const QUEUE_BOARD_PATH = '/api/v1/admin/queues';

/** The prefix makes browsers reject the cookie unless it is `Secure`. */
const COOKIE = '__Secure-queues';
const ATTRIBUTES = { path: QUEUE_BOARD_PATH, httpOnly: true, secure: true, sameSite: 'strict' } as const;
const READS = new Set(['GET', 'HEAD']);
const QUEUE_ROUTES = `${QUEUE_BOARD_PATH}/api/queues/:queueName`;

/** Bull Board, for admins only: a page that shows the jobs, and where failed ones can be retried or removed. */
@Injectable()
export class QueueBoard {
  private readonly logger = new Logger('Admin');

  constructor(
    private readonly queue: JobQueue,
    private readonly sessions: QueueBoardSessions,
  ) {}

  /** Registers the board in its own Fastify scope; one hook protects its pages, its files and the API they call. */
  serve(server: FastifyInstance): void {
    const board = new FastifyAdapter().setBasePath(QUEUE_BOARD_PATH);
    const queues = [new BullMQAdapter(this.queue.queue)];
    createBullBoard({ queues, serverAdapter: board, options: { uiConfig: { boardTitle: 'EcoGreen Seoul' } } });
    // Bull Board's own error response would contain the message of the error.
    board.setErrorHandler((error) => {
      throw error;
    });
    const scope = (inside: FastifyInstance, _options: object, done: () => void) => {
      // Runs after rate limiting, so that guesses of session secrets are limited.
      inside.addHook('preValidation', (request, reply) => this.admit(request, reply));
      inside.setErrorHandler((error: FastifyError, request, reply) => this.refuse(error, request, reply));
      inside.register(board.registerPlugin());
      done();
    };
    server.register(scope, { prefix: QUEUE_BOARD_PATH });
  }

  /** Sets the session cookie in an admin's browser; the caller must have checked the role. */
  async startSession(admin: AuthUser, reply: FastifyReply): Promise<void> {
    const { secret, ttlS } = await this.sessions.open(admin);
    reply.header('cache-control', 'no-store').setCookie(COOKIE, secret, { ...ATTRIBUTES, maxAge: ttlS });
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const isRead = READS.has(request.method);
    if (!isRead && !isSameOrigin(request)) throw new OriginNotAllowedError();
    const adminId = await this.sessions.admit(request.cookies[COOKIE]);
    if (!isRead && !(await this.mayChange(request))) throw new ForbiddenError();
    reply.header('cache-control', 'no-store');
    if (!isRead) this.logger.log(`queue board: ${request.method} ${request.url} by ${adminId}`);
  }

  /**
   * Failed jobs may be retried or removed, one or all, and delayed ones promoted. Other functions of Bull Board are
   * forbidden, such as pausing the queue, which affects all processes and would not be visible afterwards.
   */
  private async mayChange({ routeOptions, params }: FastifyRequest): Promise<boolean> {
    const { jobId = '', queueStatus } = params as { jobId?: string; queueStatus?: string };
    switch (routeOptions.url?.replace(QUEUE_ROUTES, '')) {
      case '/promote':
      case '/:jobId/promote':
        return true;
      case '/retry/:queueStatus':
      case '/clean/:queueStatus':
        return queueStatus === 'failed';
      case '/:jobId/retry':
      case '/:jobId/clean':
        return (await this.queue.queue.getJobState(jobId)) === 'failed';
      default:
        return false;
    }
  }

  private refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    sendProblem(reply, request, this.problemOf(error));
  }

  private problemOf(error: FastifyError): AppError {
    if (error instanceof AppError) return error;
    if (isUnavailable(error)) return new ServiceUnavailableError(error);
    if ((error.statusCode ?? 500) < 500) return new MalformedRequestError(error);
    this.logger.error(`queue board: ${error.message}`, error.stack);
    return new InternalError(error);
  }
}
