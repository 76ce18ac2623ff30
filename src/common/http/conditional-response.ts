import type { FastifyReply } from 'fastify';
import { isSameTag, parseEntityTags } from './entity-tags.js';
import type { PreparedResponse } from './prepared-response.js';

/** Sends a response whose entity tag is already known. */
export function sendPreparedResponse(
  reply: FastifyReply,
  { body, entityTag }: PreparedResponse,
  mediaType = 'application/json; charset=utf-8',
): FastifyReply {
  reply.header('content-type', mediaType);
  return reply.send(conditionalBody(reply, body, entityTag) ?? undefined);
}

/** Sets the entity tag; returns the body, or null with status 304 when the caller already has it. */
export function conditionalBody<T>(reply: FastifyReply, body: T, entityTag: string): T | null {
  reply.header('etag', entityTag);
  // Cached by the caller only, and revalidated on each use: a committed write is visible immediately.
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
  const ifNoneMatch = reply.request.headers['if-none-match'];
  if (ifNoneMatch === undefined || !matches(ifNoneMatch, entityTag)) return body;
  reply.code(304).removeHeader('content-length').removeHeader('content-type');
  return null;
}

function matches(header: string, entityTag: string): boolean {
  const tags = parseEntityTags(header);
  return tags === '*' || tags?.some((tag) => isSameTag(tag, entityTag)) === true;
}
