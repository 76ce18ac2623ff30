import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ForbiddenError, isSameOrigin, OriginNotAllowedError, type AuthUser } from '../../common/index.js';
import { JobQueue } from '../../jobs/index.js';
import { QueueBoardSessions } from './queue-board-sessions.js';

export const QUEUE_BOARD_PATH = '/api/v1/admin/queues';

/** The prefix makes browsers reject the cookie unless it is `Secure`. */
const COOKIE = '__Secure-queues';
const ATTRIBUTES = { path: QUEUE_BOARD_PATH, httpOnly: true, secure: true, sameSite: 'strict' } as const;
const READS = new Set(['GET', 'HEAD']);
const QUEUE_ROUTES = `${QUEUE_BOARD_PATH}/api/queues/:queueName`;

/** Access to Bull Board, for admins only: pages that show the jobs, on which failed ones can be retried or removed. */
@Injectable()
export class QueueBoard {
  private readonly logger = new Logger('Admin');

  constructor(
    readonly jobs: JobQueue,
    private readonly sessions: QueueBoardSessions,
  ) {}

  /** Sets the session cookie in an admin's browser; the caller must have checked the role. */
  async startSession(admin: AuthUser, reply: FastifyReply): Promise<void> {
    const { secret, ttlS } = await this.sessions.open(admin);
    reply.header('cache-control', 'no-store').setCookie(COOKIE, secret, { ...ATTRIBUTES, maxAge: ttlS });
  }

  /** Hook of all routes of the board. */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
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
        return (await this.jobs.queue.getJobState(jobId)) === 'failed';
      default:
        return false;
    }
  }
}
