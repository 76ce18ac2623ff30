import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  AppError, ForbiddenError, InternalError, isSameOrigin, isUnavailable, MalformedRequestError, OriginNotAllowedError,
  sendProblem, ServiceUnavailableError,
} from '../../common/index.js';
import { JobQueue } from '../../jobs/index.js';
import { QueueBoardSessions } from './queue-board-sessions.js';

export const QUEUE_BOARD_PATH = '/api/v1/admin/queues';

/** The prefix makes browsers refuse the cookie unless it is `Secure`. */
const COOKIE = '__Secure-queues';
const ATTRIBUTES = { path: QUEUE_BOARD_PATH, httpOnly: true, secure: true, sameSite: 'strict' } as const;
const READS = new Set(['GET', 'HEAD']);
const QUEUE_ROUTES = `${QUEUE_BOARD_PATH}/api/queues/:queueName`;

/** Bull Board, for admins alone: a page that shows the jobs, and on which dead ones are tried again or removed. */
@Injectable()
export class QueueBoard {
  private readonly logger = new Logger('Admin');

  constructor(
    private readonly queue: JobQueue,
    private readonly sessions: QueueBoardSessions,
  ) {}

  /** Puts the board into a scope of the server of its own, with one way in: its pages, its files and what they call. */
  serve(server: FastifyInstance): void {
    const board = new FastifyAdapter().setBasePath(QUEUE_BOARD_PATH);
    const queues = [new BullMQAdapter(this.queue.queue)];
    createBullBoard({ queues, serverAdapter: board, options: { uiConfig: { boardTitle: 'EcoGreen Seoul' } } });
    // Its own answer to an error would be the text of the error.
    board.setErrorHandler((error) => {
      throw error;
    });
    const scope = (inside: FastifyInstance, _options: object, done: () => void) => {
      // After the request was counted: whoever tries passes has to pay for it.
      inside.addHook('preValidation', (request, reply) => this.admit(request, reply));
      inside.setErrorHandler((error: FastifyError, request, reply) => this.refuse(error, request, reply));
      inside.register(board.registerPlugin());
      done();
    };
    server.register(scope, { prefix: QUEUE_BOARD_PATH });
  }

  /** Gives the browser of an admin the cookie; that it is one has been checked. */
  async startSession(reply: FastifyReply): Promise<void> {
    const { authorization = '' } = reply.request.headers;
    const { secret, ttlS } = await this.sessions.open(authorization.replace(/^Bearer +/i, ''));
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
   * Dead jobs may be tried again or removed, one or all, and delayed ones begun. Bull Board can do more, such as
   * pausing the queue, which acts on all processes, and nothing would show it afterwards.
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
