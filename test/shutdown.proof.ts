import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Controller, Get } from '@nestjs/common';
import { Public } from '../src/common/index.js';
import { createApp, type TestApp } from './support/app.js';
import { stopwatch } from './support/stopwatch.js';

/** More than the kernel buffers for a connection. */
const LARGE_BYTES = 20_000_000;

@Public()
@Controller('large')
class LargeController {
  @Get()
  getLarge(): string {
    return 'x'.repeat(LARGE_BYTES);
  }
}

describe('shutdown', () => {
  let t: TestApp;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    t = await createApp({ controllers: [LargeController] });
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** Opens a connection and sends `text` on it. */
  async function open(text: string): Promise<Socket> {
    const { hostname, port } = new URL(t.api.origin);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    if (text !== '') await new Promise((resolve) => socket.write(text, resolve));
    // The server has received the text once it has responded to another request.
    await t.api.get('//health/live');
    return socket;
  }

  const closing = async () => {
    const elapsedMs = stopwatch();
    await t.close();
    return elapsedMs();
  };

  it('does not wait for idle connections', async () => {
    await open('');
    expect(await closing()).toBeLessThan(5_000);
  });

  it('waits for a request in progress, but not for an endless one', async () => {
    const headers = 'Host: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n';
    await open(`POST /api/v1/auth/login HTTP/1.1\r\n${headers}\r\n{`);
    const startedAt = performance.now();
    expect(await closing()).toBeLessThan(15_000);
    expect(performance.now() - startedAt).toBeGreaterThan(4_000);
  }, 60_000);

  it('does not wait for a client that asked for another protocol and does not read', async () => {
    await open('GET /api/v1/large HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n');
    expect(await closing()).toBeLessThan(15_000);
  }, 60_000);
});
