import { once } from 'node:events';
import { request, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { createApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

/** What `curl --http2` sends. */
const H2C = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ';

describe('a request for another protocol', () => {
  let t: TestApp;

  beforeAll(async () => {
    t = await createApp();
  });
  afterAll(() => t.close());

  const ask = (path: string): Socket => {
    const { hostname, port } = new URL(t.api.origin);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${H2C}\r\n\r\n`);
    return socket;
  };

  it('is answered as if it had not asked for one', async () => {
    expect(await text(ask('/api/v1/categories'))).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*"ZERO_WASTE"/);
  });

  it('is no WebSocket anywhere but where notifications are', async () => {
    const ofSocket = { 'sec-websocket-version': '13', 'sec-websocket-key': 'x' };
    const headers = { connection: 'upgrade', upgrade: 'websocket', ...ofSocket };
    const sent = request(`${t.api.origin}/api/v1/nowhere`, { headers, agent: false }).end();
    expect(await once(sent, 'response')).toEqual([expect.objectContaining({ statusCode: 404 })]);
  });

  it('gets the whole of a large answer', async () => {
    const path = '/docs/swagger-ui-bundle.js';
    const answer = await text(ask(path));
    expect(answer.endsWith((await t.api.get(`/${path}`)).text)).toBe(true);
  });

  it('does not hold its connection for ever', async () => {
    const server: Server = t.app.getHttpServer();
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const client = ask('/docs/swagger-ui-bundle.js');
    const [connection] = await connected;
    await until(() => connection.timeout === 30_000);
    connection.setTimeout(1);
    await once(client.resume(), 'close');
  });
});
