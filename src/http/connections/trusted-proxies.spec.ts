import { fastify } from 'fastify';
import { TrustedProxies } from './trusted-proxies.js';

const HOST = 'api.example';
const HEADERS: Record<string, string>[] = [
  {},
  { 'x-forwarded-for': '203.0.113.1' },
  { 'x-forwarded-for': '198.51.100.7, 203.0.113.1' },
  { 'x-forwarded-for': '203.0.113.1, 10.0.0.2' },
  { 'x-forwarded-for': '10.0.0.3, 10.0.0.2' },
  { 'x-forwarded-for': 'unknown' },
  { 'x-forwarded-for': '' },
  { 'x-forwarded-host': 'app.example' },
  { 'x-forwarded-host': 'app.example, inner.example' },
  { 'x-forwarded-host': ' app.example:8443 ' },
  { 'x-forwarded-host': '' },
  { 'x-forwarded-for': '203.0.113.1', 'x-forwarded-host': 'app.example' },
];

describe('TrustedProxies', () => {
  it.each([
    ['a trusted network', ['10.0.0.0/8'], '10.1.2.3'],
    ['a named network', ['loopback'], '127.0.0.1'],
    ['an address beyond the trusted ones', ['10.0.0.0/8'], '192.0.2.1'],
    ['an address when none is trusted', [], '127.0.0.1'],
    ['a mapped IPv4 address', ['10.0.0.0/8'], '::ffff:10.1.2.3'],
  ])('finds client and host as Fastify does for requests from %s', async (_what, networks, remoteAddress) => {
    const proxies = new TrustedProxies(networks);
    const server = fastify({ trustProxy: networks.length > 0 ? networks : false });
    server.get('/', ({ ip, host, raw }) => ({ fastify: { address: ip, host }, own: proxies.sourceOf(raw) }));
    for (const headers of HEADERS) {
      const response = await server.inject({ url: '/', remoteAddress, headers: { host: HOST, ...headers } });
      const { fastify: expected, own } = response.json<{ fastify: object; own: object }>();
      expect({ headers, ...own }).toEqual({ headers, ...expected });
    }
    await server.close();
  });
});
