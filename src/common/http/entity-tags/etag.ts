import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isSameTag, parseEntityTags } from './entity-tags.js';
import { entityTagOf, type PreparedResponse } from './prepared-response.js';

const READS = new Set(['GET', 'HEAD']);

/**
 * Adds an entity tag to every successful read, and responds 304 when the caller already has it (RFC 9110, section 13).
 * The tag is `"<version>-<hash>"` for a body with a `version`, so that it also works with `If-Match`; else `"<hash>"`.
 */
export function addEntityTags(server: FastifyInstance): void {
  server.decorateReply('version', undefined);
  server.addHook('preSerialization', (_request, reply, payload, done) => {
    (reply as VersionedReply).version = (payload as { version?: unknown } | null)?.version;
    done(null, payload);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    done(null, isTaggable(request, reply, payload) ? tag(request, reply, payload) : payload);
  });
}

/** Sends a response whose entity tag is already known. */
export function sendPreparedResponse(reply: FastifyReply, { body, entityTag }: PreparedResponse): FastifyReply {
  return sendBytes(reply, body, entityTag, 'application/json; charset=utf-8');
}

/** A response with the same bytes for every caller, such as a page or a script. */
export class FixedAnswer {
  private readonly body: Buffer;
  private readonly entityTag: string;

  constructor(
    content: string | Buffer,
    private readonly mediaType: string,
  ) {
    this.body = Buffer.from(content);
    this.entityTag = entityTagOf(this.body);
  }

  send(reply: FastifyReply): FastifyReply {
    return sendBytes(reply.header('cache-control', 'no-cache'), this.body, this.entityTag, this.mediaType);
  }
}

function sendBytes(reply: FastifyReply, body: Buffer, entityTag: string, mediaType: string): FastifyReply {
  reply.header('content-type', mediaType);
  return reply.send(conditional(reply.request, reply, body, entityTag) ?? undefined);
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

function tag(request: FastifyRequest, reply: FastifyReply, payload: string | Buffer): string | Buffer | null {
  return conditional(request, reply, payload, entityTagOf(payload, (reply as VersionedReply).version));
}

/** Returns the body, or null with status 304 when the caller already has it. */
function conditional<T>(request: FastifyRequest, reply: FastifyReply, body: T, entityTag: string): T | null {
  reply.header('etag', entityTag);
  // Cached by the caller only, and revalidated on each use: a committed write is visible immediately.
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
  const known = request.headers['if-none-match'];
  if (known === undefined || !matches(known, entityTag)) return body;
  reply.code(304).removeHeader('content-length').removeHeader('content-type');
  return null;
}

function matches(header: string, entityTag: string): boolean {
  const tags = parseEntityTags(header);
  return tags === '*' || tags?.some((tag) => isSameTag(tag, entityTag)) === true;
}
