import type { Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { useApp } from '../support/app.js';
import { parseResponse } from './raw-request.js';
import { stopwatch } from '../support/stopwatch.js';

const POST = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

describe('a slowly arriving request', () => {
  const t = useApp();

  it('may take 30 seconds plus the interval of the check', () => {
    const server = t.app.getHttpServer() as Server & { connectionsCheckingInterval?: number };
    expect(server.requestTimeout + Number(server.connectionsCheckingInterval)).toBe(30_000);
    // Node takes the longer of the two for the whole request.
    expect(server.headersTimeout).toBe(server.requestTimeout);
  });

  it.each([
    ['in its body', `${POST}Content-Length: 90000\r\n\r\n`],
    ['in a body of chunks', `${POST}Transfer-Encoding: chunked\r\n\r\nfffff\r\n`],
    ['in its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  ])('is cut off at its timeout %s', async (_name, head) => {
    const server: Server = t.app.getHttpServer();
    const { requestTimeout, headersTimeout } = server;
    Object.assign(server, { requestTimeout: 500, headersTimeout: 500 });
    try {
      const socket = connect(Number(new URL(t.api.origin).port), '127.0.0.1', () => socket.write(head));
      const drops = setInterval(() => socket.write(' '), 50);
      socket.on('error', () => clearInterval(drops));
      const elapsedMs = stopwatch();
      const response = await text(socket).finally(() => clearInterval(drops));
      expect(elapsedMs()).toBeLessThan(5_000);
      expect(parseResponse(response)).toMatchObject({ status: 408, body: { code: 'REQUEST_TIMEOUT' } });
    } finally {
      Object.assign(server, { requestTimeout, headersTimeout });
    }
  });
});
