import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const READS = new Set(['GET', 'HEAD']);

/**
 * Gives every successful read an entity tag and answers 304 when the caller has it already (RFC 9110, section 13).
 * A body with a `version` gets `"<version>-<hash>"`, so that the tag serves `If-Match` too; all others `"<hash>"`.
 */
export function addEntityTags(server: FastifyInstance): void {
  server.addHook('preSerialization', (request, reply, payload, done) => {
    const version = (payload as { version?: unknown } | null)?.version;
    if (READS.has(request.method) && typeof version === 'number') reply.header('etag', `"${version}"`);
    done(null, payload);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    done(null, isTaggable(request, reply, payload) ? tag(request, reply, payload) : payload);
  });
}

function isTaggable(request: FastifyRequest, reply: FastifyReply, payload: unknown): payload is string | Buffer {
  return READS.has(request.method) && reply.statusCode === 200 && !isStreaming(reply) &&
    (typeof payload === 'string' || Buffer.isBuffer(payload));
}

function isStreaming(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream');
}

function tag(request: FastifyRequest, reply: FastifyReply, payload: string | Buffer): string | Buffer | null {
  const hash = createHash('sha1').update(payload).digest('base64url').slice(0, 22);
  const version = /^"(\d+)"$/.exec(String(reply.getHeader('etag') ?? ''))?.[1];
  const etag = version === undefined ? `"${hash}"` : `"${version}-${hash}"`;
  reply.header('etag', etag);
  // Kept by the caller alone, and asked for again each time: a committed write is seen at once.
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
  if (!matches(request.headers['if-none-match'], etag)) return payload;
  reply.code(304).removeHeader('content-length').removeHeader('content-type');
  return null;
}

function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
