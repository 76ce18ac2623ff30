import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const lastResponses = new WeakMap<Socket, ServerResponse>();

const UPGRADE_HEADERS = new Set(['upgrade', 'http2-settings']);

/**
 * Serves an upgrade request as a plain HTTP/1.1 request, like a server that supports no other protocol (RFC 9110,
 * section 7.8). Node detaches a connection at the `upgrade` event, with the body unread. So the connection is returned
 * to the server, with the request without its upgrade headers in front of the unread bytes, once the responses to
 * earlier requests are sent.
 */
export function serveWithoutUpgrade(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const destroy = () => socket.destroy();
  socket.on('error', destroy);
  const returnToServer = () => {
    if (socket.destroyed) return;
    socket.off('error', destroy);
    socket.unshift(Buffer.concat([Buffer.from(headWithoutUpgrade(request), 'latin1'), head]));
    server.emit('connection', socket);
  };
  const last = lastResponses.get(socket);
  if (last === undefined || last.writableFinished) returnToServer();
  else last.once('finish', returnToServer);
}

/** Records the last response of every connection, for `serveWithoutUpgrade`. */
export function trackResponses(server: Server): void {
  server.on('request', ({ socket }, response) => lastResponses.set(socket, response));
}

function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (UPGRADE_HEADERS.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(',').map((each) => each.trim());
  return options.filter((each) => !UPGRADE_HEADERS.has(each.toLowerCase())).join(', ');
}
