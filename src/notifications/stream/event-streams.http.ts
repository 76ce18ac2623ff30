import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AuthUser } from '../../common/index.js';
import { Broadcast } from '../live/broadcast.js';
import { LiveConnections } from '../live/live-connections.js';
import { positionOf } from '../live/position.js';
import { EventStream } from './event-stream.http.js';

/** Opens event streams for requests. */
@Injectable()
export class EventStreams {
  constructor(
    private readonly broadcast: Broadcast,
    private readonly connections: LiveConnections,
  ) {}

  /**
   * Responds with a stream that continues after the position given in the request.
   * @throws ValidationFailedError, ServiceUnavailableError, or database errors, before the response starts
   */
  async open(user: AuthUser, reply: FastifyReply): Promise<void> {
    this.connections.assertNotShutDown();
    const { headers, method, query } = reply.request;
    const { lastEventId } = query as { lastEventId?: unknown };
    const given = positionOf({ header: headers['last-event-id'], query: lastEventId });
    const position = await this.broadcast.positionAfter(user, given);
    const stream = new EventStream(user, reply, position);
    if (method === 'HEAD') stream.end('session-ended');
    else await this.broadcast.join(stream, position);
  }
}
