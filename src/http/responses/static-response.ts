import type { FastifyReply } from 'fastify';
import { entityTagOf, PreparedResponse, sendPreparedResponse } from '../../common/index.js';

/** A response with the same bytes for every caller, such as a page or a script. */
export class StaticResponse {
  private readonly prepared: PreparedResponse;

  constructor(
    content: string | Buffer,
    private readonly mediaType: string,
  ) {
    const body = Buffer.from(content);
    this.prepared = new PreparedResponse(body, entityTagOf(body));
  }

  send(reply: FastifyReply): FastifyReply {
    return sendPreparedResponse(reply.header('cache-control', 'no-cache'), this.prepared, this.mediaType);
  }
}
