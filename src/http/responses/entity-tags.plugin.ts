import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { conditionalBody, entityTagOf } from '../../common/index.js';

const READS = new Set(['GET', 'HEAD']);

/**
 * Adds an entity tag to every successful read, and responds 304 when the caller already has it (RFC 9110, section 13).
 * The tag is `"<version>-<hash>"` for a body with a `version`, so that it also works with `If-Match`; else `"<hash>"`.
 */
export function entityTags(server: FastifyInstance): void {
  server.decorateReply('version', undefined);
  server.addHook('preSerialization', (_request, reply, payload, done) => {
    (reply as VersionedReply).version = (payload as { version?: unknown } | null)?.version;
    done(null, payload);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    done(null, isTaggable(request, reply, payload) ? tag(reply, payload) : payload);
  });
}

interface VersionedReply extends FastifyReply {
  version?: unknown;
}

function isTaggable(request: FastifyRequest, reply: FastifyReply, payload: unknown): payload is string | Buffer {
  return reply.statusCode === 200 && READS.has(request.method) && !reply.hasHeader('etag') && !isStreaming(reply) &&
    (typeof payload === 'string' || Buffer.isBuffer(payload));
}

function isStreaming(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream');
}

function tag(reply: FastifyReply, payload: string | Buffer): string | Buffer | null {
  return conditionalBody(reply, payload, entityTagOf(payload, (reply as VersionedReply).version));
}
