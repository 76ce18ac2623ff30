import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { provideRedis, type ProvidedServer } from '../../test/support/services.js';
import { clientNetwork } from './client-network.js';
import { FixedWindow } from './fixed-window.js';
import { RateLimitedError } from './rate-limit.errors.js';

let server: ProvidedServer;
let one: Redis;
let other: Redis;

beforeAll(async () => {
  server = await provideRedis();
  [one, other] = [new Redis(server.url), new Redis(server.url)];
});

afterAll(async () => {
  one.disconnect();
  other.disconnect();
  await server.drop();
});

describe('FixedWindow', () => {
  it('admits exactly the limit over two concurrent instances', async () => {
    const client = randomUUID();
    const [here, there] = [new FixedWindow(one), new FixedWindow(other)];
    const rule = { limit: 10, windowMs: 60_000 };
    const counted = await Promise.allSettled(
      Array.from({ length: 40 }, (_, i) => (i % 2 ? here : there).count('test', client, rule)),
    );
    expect(counted.filter((each) => each.status === 'fulfilled')).toHaveLength(10);
  });

  it('counts clients and limits separately', async () => {
    const window = new FixedWindow(one);
    const rule = { limit: 1, windowMs: 60_000 };
    const client = randomUUID();
    await window.count('test', client, rule);
    await expect(window.count('test', client, rule)).rejects.toBeInstanceOf(RateLimitedError);
    await expect(window.count('test', randomUUID(), rule)).resolves.toBeUndefined();
    await expect(window.count('else', client, rule)).resolves.toBeUndefined();
  });

  it('reports the exact wait', async () => {
    const window = new FixedWindow(one);
    const client = randomUUID();
    const rule = { limit: 1, windowMs: 900 };
    await window.count('test', client, rule);
    const error: unknown = await window.count('test', client, rule).catch((reason: unknown) => reason);
    const seconds = Number((error as RateLimitedError).headers['Retry-After']);
    expect(seconds).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    await expect(window.count('test', client, rule)).resolves.toBeUndefined();
  });
});

describe('clientNetwork', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['203.0.113.9:51234', '203.0.113.9'],
    ['[2001:db8::1]', '2001:db8:0:0::/64'],
    ['[2001:db8::1]:443', '2001:db8:0:0::/64'],
    ['[fe80::1%eth0]:443', 'fe80:0:0:0::/64'],
    ['[::ffff:192.0.2.7]:443', '192.0.2.7'],
    ['203.0.113.9:port', 'unknown'],
    ['300.0.113.9', 'unknown'],
    ['::ffff:300.0.113.9', 'unknown'],
    ['[2001:db8::1', 'unknown'],
    ['not an address', 'unknown'],
    ['', 'unknown'],
    [undefined, 'unknown'],
  ])('counts %s as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
