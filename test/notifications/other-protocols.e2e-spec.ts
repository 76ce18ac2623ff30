import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { newAccount } from '../support/accounts.js';
import { useApp } from '../support/app.js';
import { until } from '../support/until.js';

/** Headers that `curl --http2` sends. */
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n';

const CLOSE = 'Connection: close\r\n';

describe('a request with an Upgrade to another protocol', () => {
  const t = useApp();

  /** Sends the last request of a connection. */
  const get = (path: string, headers = ''): Socket => send(`GET ${path} HTTP/1.1\r\n${CLOSE}${headers}`, '');
  const send = (head: string, ...parts: string[]): Socket => {
    const { hostname, port } = new URL(t.api.origin);
    const socket = connect(Number(port), hostname);
    socket.write(`${head}Host: x\r\n${H2C}\r\n${parts[0]}`);
    for (const part of parts.slice(1)) setImmediate(() => socket.write(part));
    return socket;
  };

  it('has the response of the same request without the Upgrade', async () => {
    expect(await text(get('/api/v1/categories'))).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*"ZERO_WASTE"/);
  });

  it.each(['at once', 'in two parts', 'in chunks', 'after 100 Continue'])(
    'keeps a body that is sent %s',
    async (way) => {
      const body = JSON.stringify(newAccount());
      const [first, second] = [body.slice(0, 30), body.slice(30)];
      const chunk = (part: string) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`;
      const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
      const post = `POST /api/v1/auth/signup HTTP/1.1\r\n${CLOSE}Content-Type: application/json\r\n`;
      const ways: Record<string, () => Socket> = {
        'at once': () => send(post + length, body),
        'in two parts': () => send(post + length, first, second),
        'in chunks': () => send(`${post}Transfer-Encoding: chunked\r\n`, chunk(first), `${chunk(second)}0\r\n\r\n`),
        'after 100 Continue': () => {
          const socket = send(`${post}${length}Expect: 100-continue\r\n`, '');
          return socket.once('data', () => socket.write(body));
        },
      };
      expect(await text(ways[way]?.() as Socket)).toMatch(/HTTP\/1.1 201 Created\r\n/);
    },
  );

  it('keeps its connection open for the next request', async () => {
    const path = '/api/v1/categories HTTP/1.1\r\nHost: x\r\n';
    const next = `GET ${path}${H2C}\r\nGET ${path}${CLOSE}\r\n`;
    const responses = await text(send('GET /api/v1/categories HTTP/1.1\r\n', next));
    expect(responses.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
  });

  it('leaves no listener on its connection', async () => {
    const connected = once(t.app.getHttpServer(), 'connection') as Promise<[Socket]>;
    const path = '/api/v1/categories HTTP/1.1\r\nHost: x\r\n';
    const client = connect(Number(new URL(t.api.origin).port), '127.0.0.1');
    const [connection] = await connected;
    let responses = '';
    client.on('data', (chunk) => (responses += String(chunk)));
    const answered = () => responses.match(/HTTP\/1.1 200 OK/g)?.length ?? 0;
    for (let count = 1; count <= 50; count += 1) {
      client.write(`GET ${path}${H2C}\r\n`);
      await until(() => answered() === count);
    }
    const listeners = connection.eventNames().map((name) => [name, connection.listenerCount(name)] as const);
    expect(listeners.filter(([, count]) => count > 5)).toEqual([]);
    client.destroy();
  });

  it('is rejected like any other', async () => {
    const response = await text(send(`GET /api/v1/categories HTTP/1.1\r\nExpect: x\r\n${CLOSE}`, ''));
    expect(response).toMatch(/^HTTP\/1.1 417 /);
  });

  it('opens a WebSocket only on the notification route', async () => {
    const handshake = { 'sec-websocket-version': '13', 'sec-websocket-key': 'x' };
    const headers = { connection: 'upgrade', upgrade: 'websocket', ...handshake };
    const sent = request(`${t.api.origin}/api/v1/nowhere`, { headers, agent: false }).end();
    expect(await once(sent, 'response')).toEqual([expect.objectContaining({ statusCode: 404 })]);
  });

  it('receives a large response completely', async () => {
    const path = '/docs/swagger-ui-bundle.js';
    const response = await text(get(path));
    expect(response.endsWith((await t.api.get(`/${path}`)).text)).toBe(true);
  });

  it('times out', async () => {
    const server: Server = t.app.getHttpServer();
    const { requestTimeout, headersTimeout } = server;
    Object.assign(server, { requestTimeout: 500, headersTimeout: 500 });
    try {
      const head = `POST /api/v1/auth/login HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n`;
      expect(await text(send(head, '{'))).toMatch(/^HTTP\/1.1 408 /);
    } finally {
      Object.assign(server, { requestTimeout, headersTimeout });
    }
  });
});
