import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AuthUser } from '../../common/index.js';
import { Broadcast } from '../live/broadcast.js';
import { LiveConnections } from '../live/live-connections.js';
import { positionOf } from '../live/position.js';
import { EventStream } from './event-stream.http.js';

/** Turns requests into streams of events. */
@Injectable()
export class EventStreams {
  constructor(
    private readonly broadcast: Broadcast,
    private readonly connections: LiveConnections,
  ) {}

  /**
   * Answers with a stream that continues after the position the request names.
   * @throws ValidationFailedError, ServiceUnavailableError, or what PostgreSQL throws, before anything is answered
   */
  async open(user: AuthUser, reply: FastifyReply): Promise<void> {
    this.connections.refuseWhenShutDown();
    const { headers, method, query } = reply.request;
    const { lastEventId } = query as { lastEventId?: unknown };
    const given = positionOf({ header: headers['last-event-id'], query: lastEventId });
    const position = await this.broadcast.positionAfter(user, given);
    const stream = new EventStream(user, reply, position);
    if (method === 'HEAD') stream.end('session-ended');
    else await this.broadcast.join(stream, position);
  }
}
