import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Param } from '@nestjs/common';
import { Public } from '../src/common/index.js';
import { HttpConnections } from '../src/http/connections/http-connections.js';
import { signUp } from './support/accounts.js';
import { createApp, useApp, type TestApp } from './support/app.js';
import { PrometheusText } from './support/prometheus-text.js';
import { until } from './support/until.js';

let running = 0;
let mostAtOnce = 0;

@Public()
@Controller('slow')
class SlowController {
  @Get(':number')
  async getSlow(@Param('number') number: string): Promise<string> {
    mostAtOnce = Math.max(mostAtOnce, (running += 1));
    await pause(5);
    running -= 1;
    return `answer ${number}`;
  }
}

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens a connection to a server; `text` returns all data received on it. */
async function open(origin: string): Promise<{ socket: Socket; text(): string; closed: Promise<unknown> }> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let text = '';
  socket.on('error', () => undefined).on('data', (chunk) => (text += String(chunk)));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  return { socket, text: () => text, closed };
}

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

describe('a connection with pipelined requests', () => {
  const t = useApp({ controllers: [SlowController] });

  it('processes and answers them in order', async () => {
    const { socket, text } = await open(t.api.origin);
    const numbers = Array.from({ length: 10 }, (_, index) => String(index));
    socket.write(numbers.map((number) => ask(`/api/v1/slow/${number}`)).join(''));
    await until(() => text().includes('answer 9'));
    expect(text().match(/(?<=answer )\d/g)).toEqual(numbers);
    expect(mostAtOnce).toBe(1);
    // The connection works normally afterwards.
    socket.write(ask('/api/v1/slow/again'));
    await until(() => text().includes('answer again'));
  });

  it('is closed when 500 arrive at once', async () => {
    const { socket, text, closed } = await open(t.api.origin);
    socket.write(ask('/docs/openapi.json').repeat(500));
    await closed;
    expect(text().match(/HTTP\/1\.1 200 OK/g)?.length ?? 0).toBeLessThan(100);
  });

  it('is closed when they wait behind an endless event stream', async () => {
    const { accessToken } = await signUp(t.api);
    let seen = 0;
    const count = () => (seen += 1);
    const server = t.app.getHttpServer().on('request', count);
    const { socket, text, closed } = await open(t.api.origin);
    let isClosed = false;
    void closed.then(() => (isClosed = true));
    const stream = ask('/api/v1/notifications/stream');
    socket.write(stream.replace('Host', `Authorization: Bearer ${accessToken}\r\nHost`));
    await until(() => text().includes(': connected'));
    const sendMore = setInterval(() => socket.write('GET / HTTP/1.1\r\n\r\n'.repeat(1_000)), 5);
    await until(() => isClosed).finally(() => clearInterval(sendMore));
    server.off('request', count);
    // All requests of one chunk of at most 64 KiB are parsed.
    expect(seen).toBeLessThan(5_000);
  });

  it('starts no further request when its client has disconnected', async () => {
    const { socket, text } = await open(t.api.origin);
    socket.write(Array.from({ length: 15 }, (_, index) => ask(`/api/v1/slow/${index}`)).join(''));
    await until(() => text().includes('answer 0'));
    socket.destroy();
    await until(() => running === 0);
    expect((await t.api.get('/slow/alive')).text).toContain('alive');
  });
});

describe('a client that does not read', () => {
  const LARGE = Buffer.alloc(30_000_000);
  let server: Server;

  const serve = async (handle: RequestListener) => {
    const connections = new HttpConnections({ perClient: 0, clientOf: () => undefined, readTimeoutMs: 300 });
    server = connections.serve(createServer(), handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['nothing', 0],
    ['little', 20],
  ])('and receives %s is disconnected after the response timeout', async (_what, everyMs) => {
    const origin = await serve((_request, response) => response.end(LARGE));
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const { socket } = await open(origin);
    const [connection] = await connected;
    socket.pause();
    socket.write(ask('/'));
    const reading = everyMs > 0 ? setInterval(() => void socket.read(1_000), everyMs) : undefined;
    await once(connection, 'close');
    clearInterval(reading);
    expect(socket.bytesRead).toBeLessThan(LARGE.length);
  });

  it('is not disconnected while it receives one response after the other', async () => {
    const origin = await serve((_request, response) => response.end('x'.repeat(10_000)));
    const { socket, text, closed } = await open(origin);
    let isClosed = false;
    void closed.then(() => (isClosed = true));
    const until600 = performance.now() + 600;
    while (performance.now() < until600) {
      const before = text().length;
      socket.write(ask('/'));
      await until(() => text().length > before + 10_000);
    }
    expect(isClosed).toBe(false);
  });

  it('is not disconnected from an open stream', async () => {
    const origin = await serve((_request, response) => response.write('first'));
    const { socket, text } = await open(origin);
    socket.write(ask('/'));
    await until(() => text().includes('first'));
    await pause(600);
    expect(socket.closed).toBe(false);
  });
});

describe('connections per address', () => {
  const LIMIT = 5;

  /** Whether the server accepts a new connection and responds on it. */
  async function isAccepted({ api }: TestApp): Promise<boolean> {
    const { socket, text } = await open(api.origin);
    socket.write(ask('/health/live'));
    await until(() => socket.closed || text().includes('200 OK'));
    return text().includes('200 OK');
  }

  it('are refused beyond the limit, and accepted again when one has closed', async () => {
    const t = await createApp({ env: { CONNECTIONS_PER_ADDRESS: String(LIMIT) } });
    const accepted = [];
    for (let number = 0; number <= LIMIT; number++) accepted.push(await isAccepted(t));
    expect(accepted).toEqual([...Array<boolean>(LIMIT).fill(true), false]);
    for (const socket of sockets.splice(0, 2)) socket.destroy();
    await until(() => isAccepted(t));
    const metrics = new PrometheusText((await t.api.get('//metrics')).text);
    expect(metrics.value('ecogreen_http_connections_refused_total', {})).toBeGreaterThan(0);
    await t.close();
  });

  it('are not limited for a trusted proxy', async () => {
    const t = await createApp({ env: { CONNECTIONS_PER_ADDRESS: String(LIMIT), TRUSTED_PROXIES: 'loopback' } });
    for (let number = 0; number < 2 * LIMIT; number++) expect(await isAccepted(t)).toBe(true);
    await t.close();
  });
});
