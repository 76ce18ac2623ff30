import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HeadersTooLargeError, MalformedRequestError, RequestTimeoutError, type AppError } from '../errors/index.js';
import { PROBLEM_MEDIA_TYPE, problemOf, statusOf } from './problem.js';
import { DATA_HEADERS } from './security-headers.js';

/** Answers what never becomes a request: no HTTP, too many headers, or one whose rest does not come. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(answerTo(refusalOf(error)), () => socket.destroy());
}

function refusalOf(error: NodeJS.ErrnoException): AppError {
  if (error.code === 'HPE_HEADER_OVERFLOW') return new HeadersTooLargeError();
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? new RequestTimeoutError() : new MalformedRequestError(error);
}

/** The headers that would tell the language have not been read. */
function answerTo(error: AppError): string {
  const [status, requestId] = [statusOf(error.kind), randomUUID()];
  const body = JSON.stringify(problemOf(error, 'en', requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Cache-Control: no-store',
    'Connection: close',
    ...Object.entries(DATA_HEADERS).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
