import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  HeadersTooLargeError, MalformedRequestError, PROBLEM_MEDIA_TYPE, problemOf, RequestTimeoutError, statusOf,
  type AppError, type Language,
} from '../../common/index.js';
import { DATA_HEADERS } from '../responses/security-headers.plugin.js';

/** Responds to input that never becomes a request: not HTTP, oversized headers, `CONNECT`, or an incomplete request. */
export function handleClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // The headers that would state the language have not been parsed.
  respondAndClose(socket, errorFor(error), { language: 'en', requestId: randomUUID() });
}

export interface RawResponseOptions {
  readonly language: Language;
  readonly requestId: string;
  /** Headers in addition to those of the error. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes a problem response to a connection that has no `ServerResponse`, and closes it. */
export function respondAndClose(socket: Duplex, error: AppError, options: RawResponseOptions): void {
  socket.end(responseTo(error, options), () => socket.destroy());
}

function errorFor(error: NodeJS.ErrnoException): AppError {
  if (error.code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLargeError();
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? new RequestTimeoutError() : new MalformedRequestError(error);
}

function responseTo(error: AppError, { language, requestId, headers = {} }: RawResponseOptions): string {
  const status = statusOf(error.kind);
  const body = JSON.stringify(problemOf(error, language, requestId));
  const fields = {
    ...DATA_HEADERS,
    ...headers,
    ...error.headers,
    'Content-Type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Content-Language': language,
    'X-Request-Id': requestId,
    'Cache-Control': 'no-store',
    Connection: 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
