import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { drain } from '../src/http/index.js';
import { listen } from './notifications/support/listeners.js';
import { signUp } from './support/accounts.js';
import { Api, type ApiResponse } from './support/api.js';
import { createApp } from './support/app.js';
import { startBuiltServer, type BuiltServer } from './support/built-server.js';
import { aUser } from './support/factories.js';
import { startNginx } from './support/nginx.js';
import { until } from './support/until.js';
import { stopwatch } from './support/stopwatch.js';

jest.setTimeout(200_000);

const isListening = ({ origin }: Api) =>
  new Promise<boolean>((resolve) => {
    const { hostname, port } = new URL(origin);
    const probe: Socket = connect(Number(port), hostname, () => resolve(!probe.destroy().connecting));
    probe.once('error', () => resolve(false));
  });

describe('a draining instance', () => {
  it('keeps open connections and answers their requests completely, with "Connection: close"', async () => {
    const t = await createApp({ env: { SHUTDOWN_DELAY: '0s' } });
    const { accessToken } = await signUp(t.api);
    const { hostname, port } = new URL(t.api.origin);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    const ask = (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    ask('/health/live');
    await until(() => text.includes('200 OK'));
    const stream = await listen(t.api, { token: accessToken });
    const drained = drain(t.app);
    await until(async () => !(await isListening(t.api)));
    text = '';
    ask('/api/v1/nowhere');
    await once(socket, 'end');
    expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(text).toMatch(/\r\nconnection: close\r\n/i);
    expect(text).toMatch(/\r\nx-request-id: /i);
    expect(text).toContain('ROUTE_NOT_FOUND');
    await drained;
    expect(stream.isClosed).toBe(false);
    await t.close();
    await until(() => stream.isClosed);
    expect(stream.comments.at(-1)).toBe('shutdown');
  });
});

describe('a WebSocket on a connection that carried a request before', () => {
  it('does not delay draining', async () => {
    const t = await createApp({ env: { SHUTDOWN_DELAY: '0s' } });
    // Not over HTTP, whose idle connection would stay open.
    const { token } = await aUser(t);
    const { hostname, port } = new URL(t.api.origin);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.on('error', () => undefined).on('data', (chunk) => (text += String(chunk)));
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text.includes('200 OK'));
    const head = ['GET /api/v1/notifications/socket HTTP/1.1', 'Host: x', `Authorization: Bearer ${token}`];
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    socket.write([...head, ...upgrade, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'));
    await until(() => text.includes('"connected"'));
    const elapsedMs = stopwatch();
    await drain(t.app);
    expect(elapsedMs()).toBeLessThan(3_000);
    await t.close();
    await until(() => socket.closed);
  });
});

describe('the process of a draining instance', () => {
  let here: BuiltServer;
  const cleanUps: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    here = await startBuiltServer();
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  afterAll(() => here.stop());

  /** One more instance on the same servers, ended after the test if it has not ended by then. */
  const startAnother = async (shutdownDelay: string) => {
    const there = await startBuiltServer({ beside: here, env: { SHUTDOWN_DELAY: shutdownDelay } });
    cleanUps.push(() => there.stop());
    return there;
  };

  const ended = async ({ process }: BuiltServer): Promise<number | null> => {
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
    return process.exitCode;
  };

  it('reports unready on SIGTERM and fails no request behind nginx', async () => {
    const there = await startAnother('2s');
    const nginx = await startNginx([here.api.origin, there.api.origin]);
    cleanUps.push(nginx.stop);
    // One account each, since changes of the same account wait for each other.
    const writers = await Promise.all(Array.from({ length: 4 }, () => signUp(here.api)));
    const api = new Api(nginx.origin);
    const outcomes: Record<string, number> = { ok: 0 };
    const count = (outcome: string) => (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1);
    let isStopped = false;
    cleanUps.push(() => Promise.resolve(void (isStopped = true)));
    const client = async (ask: () => Promise<ApiResponse>) => {
      while (!isStopped) {
        await ask().then(
          ({ status, text }) => count(status === 200 ? 'ok' : `${status}: ${text.slice(0, 60)}`),
          (error: unknown) => count(String(error)),
        );
      }
    };
    const untilFurther = (requests: number) => {
      const total = (outcomes['ok'] ?? 0) + requests;
      return until(() => (outcomes['ok'] ?? 0) >= total, 60_000);
    };
    const clients = writers.flatMap(({ accessToken: token, nickname }) => [
      client(() => api.patch('/users/me', { nickname }, { token })),
      client(() => api.get('/categories')),
      client(() => api.get('/users/me', { token })),
    ]);
    await untilFurther(200);
    // Failures of a start under load, such as a late connection to PostgreSQL, are not the subject here.
    for (const outcome of Object.keys(outcomes)) outcomes[outcome] = 0;
    there.process.kill('SIGTERM');
    const ready = () => there.api.get('//health/ready', { headers: { 'accept-language': 'ko' } });
    await until(async () => (await ready()).status === 503);
    const refusal = await ready();
    expect([refusal.body['code'], refusal.headers.get('retry-after')]).toEqual(['SHUTTING_DOWN', '2']);
    const response = await there.api.get('/categories');
    expect([response.status, response.headers.get('connection')]).toEqual([200, 'keep-alive']);
    expect(await ended(there)).toBe(0);
    await untilFurther(100);
    isStopped = true;
    await Promise.all(clients);
    const { ok, ...failures } = outcomes;
    expect({ ok, failures: Object.entries(failures).filter(([, count]) => count > 0) }).toEqual({ ok, failures: [] });
    expect(nginx.log()).not.toMatch(/reset by peer|prematurely closed/);
  });

  it('exits immediately on a second SIGTERM', async () => {
    const there = await startAnother('1m');
    there.process.kill('SIGTERM');
    await until(async () => (await there.api.get('//health/ready')).status === 503);
    // A signal within half a second counts as the same Ctrl-C.
    await pause(600);
    there.process.kill('SIGTERM');
    expect(await ended(there)).toBe(1);
  });

  it('does not wait for a load balancer on SIGINT', async () => {
    const there = await startAnother('1m');
    there.process.kill('SIGINT');
    const elapsedMs = stopwatch();
    expect(await ended(there)).toBe(0);
    expect(elapsedMs()).toBeLessThan(30_000);
  });
});
