import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { AuthUser } from '../../common/index.js';
import { Broadcast } from '../live/broadcast.js';
import { LiveConnections } from '../live/live-connections.js';
import { EventStream } from './event-stream.http.js';

/** Turns requests into streams of events. */
@Injectable()
export class EventStreams {
  constructor(
    private readonly broadcast: Broadcast,
    private readonly connections: LiveConnections,
  ) {}

  /**
   * Answers with a stream that goes on behind `Last-Event-ID`.
   * @throws ServiceUnavailableError, or what PostgreSQL throws, before anything is answered
   */
  async open(user: AuthUser, reply: FastifyReply): Promise<void> {
    this.connections.refuseWhenShutDown();
    const { headers, method } = reply.request;
    const position = await this.broadcast.positionAfter(lastEventId(headers['last-event-id']));
    const stream = new EventStream(user, reply);
    if (method === 'HEAD') stream.end('session-ended');
    else await this.broadcast.join(stream, position);
  }
}

/** @returns undefined for what is no id of ours */
export function lastEventId(value: unknown): number | undefined {
  return /^\d{1,15}$/.test(String(value)) ? Number(value) : undefined;
}
