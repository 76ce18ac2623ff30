import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import compression from 'compression';
import { useApp } from '../support/app.js';
import { aUser } from '../support/factories.js';

/** Starts a proxy that compresses all responses, as webpack-dev-server does. */
async function startProxy(origin: string): Promise<Server> {
  const compress = compression({ threshold: 0 });
  const server = createServer((inbound, outbound) => {
    const { method, url = '/', headers } = inbound;
    const forward = () => {
      const sent = request(origin + url, { method, headers, agent: false }, (response) => {
        outbound.writeHead(response.statusCode ?? 502, response.headers);
        response.on('error', () => outbound.destroy()).pipe(outbound);
      });
      outbound.once('close', () => sent.destroy());
      sent.on('error', () => outbound.destroy()).end();
    };
    compress(inbound as never, outbound as never, forward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('the event stream behind a compressing proxy', () => {
  const t = useApp();
  let proxy: Server;

  beforeAll(async () => {
    proxy = await startProxy(t.api.origin);
  });
  afterAll(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  const ask = async (path: string, headers: Record<string, string>) => {
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api/v1${path}`;
    const sent = request(url, { headers: { 'accept-encoding': 'gzip', ...headers }, agent: false });
    const [response] = (await once(sent.end(), 'response')) as [IncomingMessage];
    const [chunk] = (await once(response, 'data')) as [Buffer];
    sent.on('error', () => undefined).destroy();
    return { response, chunk };
  };

  it('begins immediately and uncompressed', async () => {
    const { token } = await aUser(t);
    const { response, chunk } = await ask('/notifications/stream', { authorization: `Bearer ${token}` });
    expect(response.headers['content-encoding']).toBeUndefined();
    expect(String(chunk)).toMatch(/^retry: \d+\n/);
  });

  it('is the only response that stays uncompressed', async () => {
    expect((await ask('/categories', {})).response.headers['content-encoding']).toBe('gzip');
  });
});
