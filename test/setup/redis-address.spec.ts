import { redisServers } from '../../scripts/redis-address.mjs';
import { provideRedis as findRedis } from '../../scripts/servers.mjs';
import { parseRedisAddress } from '../../src/config/index.js';
import { freePort } from '../../scripts/processes.mjs';
import { provideRedis } from '../support/services.js';

type Session = Parameters<typeof findRedis>[0];
type LocalData = Parameters<typeof findRedis>[1];

/** Address that `npm start` uses for a value of REDIS_URL; with one it starts no server and needs no session. */
async function addressFor(value: string): Promise<string> {
  process.env['REDIS_URL'] = value;
  return (await findRedis({} as Session, {} as LocalData)).url;
}

describe('REDIS_URL of npm start', () => {
  beforeEach(() => jest.spyOn(process.stdout, 'write').mockReturnValue(true));
  afterEach(() => {
    jest.restoreAllMocks();
    delete process.env['REDIS_URL'];
  });

  it.each([
    ['redis://cache.example', [{ host: 'cache.example', port: 6379 }]],
    ['rediss://eco:p%40ss@cache.example:6380/3?family=6', [{ host: 'cache.example', port: 6380 }]],
    ['redis://cache.example?family=6', [{ host: 'cache.example', port: 6379 }]],
    ['redis://[::1]:7000', [{ host: '::1', port: 7000 }]],
    ['redis-sentinel://eco:p%40s@s1:26380,[::1]/mymaster/2', ['s1:26380', '::1:26379'].map(serverOf)],
    ['rediss-sentinel://s1/mymaster', [{ host: 's1', port: 26_379 }]],
    ['redis-cluster://n1,n2:7000', ['n1:6379', 'n2:7000'].map(serverOf)],
    ['rediss-cluster://:secret@n1:7000/0', [{ host: 'n1', port: 7000 }]],
  ])('accepts %s, as the API does', (text, servers) => {
    expect(redisServers(text)).toEqual(servers);
    const address = parseRedisAddress(text);
    if (address.topology === 'sentinel') expect(address.sentinels).toEqual(servers);
    if (address.topology === 'cluster') expect(address.nodes).toEqual(servers);
  });

  it.each(['http://host', 'redis+cluster://host', 'redis-cluster://', 'redis-cluster://n1:1, n2:1', 'redis://n1:1,n2:2'])(
    'rejects %s without quoting it',
    async (text) => {
      expect(() => parseRedisAddress(text)).toThrow();
      await expect(addressFor(text)).rejects.toThrow(
        'REDIS_URL is not a usable address; it must be redis://host:6379, redis-sentinel://host1:26379,',
      );
    },
  );

  it('is used when one of its servers responds, and rejected otherwise', async () => {
    const server = await provideRedis();
    const { host } = new URL(server.url);
    const closed = `127.0.0.1:${await freePort()}`;
    for (const url of [`redis-cluster://${closed},${host}`, `redis-sentinel://:secret@${closed},${host}/mymaster`]) {
      expect(await addressFor(url)).toBe(url);
    }
    await server.drop();
    await expect(addressFor(`redis-sentinel://:secret@${closed},${host}/mymaster`)).rejects.toThrow(
      `Nothing answers at ${closed}, ${host}, which REDIS_URL names (ECONNREFUSED).`,
    );
  });
});

function serverOf(text: string) {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(text) ?? [];
  return { host, port: Number(port) };
}
