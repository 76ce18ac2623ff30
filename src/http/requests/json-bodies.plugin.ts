import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MalformedRequestError, UnsupportedMediaTypeError } from '../../common/index.js';
import { isJsonWithinBounds } from './input-bounds.js';

const JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/gi;
const UTF8 = new Set(['utf-8', 'utf8']);

/**
 * Parses bodies as UTF-8 JSON and rejects all others: 415 for another media type, charset or content coding; 400 for
 * invalid UTF-8, which a lenient decoder would turn into U+FFFD, and for JSON beyond the limits. An empty body counts
 * as no body, whatever its type: HTTP clients send `Content-Type` with every POST. Bodies sent to unknown routes are
 * ignored.
 */
export function jsonBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>(['application/json', '*'], { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0 || request.is404) {
      done(null, undefined);
      return;
    }
    const error = errorIn(request, body);
    if (error) done(error);
    else void parse(request, body.toString(), done);
  });
  // Fastify rejects an unsupported type before it checks whether there is a body.
  server.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    const hasNoBody = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
    if (hasNoBody) delete headers['content-type'];
    done();
  });
}

function errorIn({ headers }: FastifyRequest, body: Buffer): Error | undefined {
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity') return new UnsupportedMediaTypeError({ 'Accept-Encoding': 'identity' });
  if (!isJsonInUtf8(headers['content-type'] ?? '')) return new UnsupportedMediaTypeError();
  return isUtf8(body) && isJsonWithinBounds(body) ? undefined : new MalformedRequestError();
}

function isJsonInUtf8(type: string): boolean {
  const charsets = [...type.matchAll(CHARSET)].map(([, charset = '']) => charset.toLowerCase());
  return JSON_TYPE.test(type) && charsets.every((charset) => UTF8.has(charset));
}
