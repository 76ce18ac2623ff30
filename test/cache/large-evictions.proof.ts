import { Injectable } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict } from '../../src/cache/index.js';
import { DatabaseModule } from '../../src/database/index.js';
import { provideDatabase } from '../support/services.js';
import { createCacheApp, type CacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

const key = (id: number) => id;
const IDS = Array.from({ length: 300 }, (_, id) => id);

/** Value of all rows, and the promise that each load awaits after reading it. */
const source = { value: 'old', isOpen: Promise.resolve() };

@Injectable()
class Rows {
  @Cacheable({ cache: 'rows', key })
  async get(_id: number): Promise<string> {
    const { value } = source;
    await source.isOpen;
    return value;
  }

  @CacheEvict({ cache: 'rows', key })
  write(_id: number): Promise<void> {
    source.value = 'new';
    return Promise.resolve();
  }

  @Transactional()
  async writeAll(): Promise<void> {
    for (const id of IDS) await this.write(id);
  }
}

describe('an eviction of more keys than one command takes', () => {
  const redis = useRedis();
  let database: Awaited<ReturnType<typeof provideDatabase>>;
  let apps: CacheApp[];
  beforeEach(async () => {
    database = await provideDatabase();
    const options = { redisUrl: redis.server.url, databaseUrl: database.url };
    const start = () => createCacheApp({ ...options, imports: [DatabaseModule], providers: [Rows] });
    apps = [await start(), await start()];
    source.value = 'old';
  });
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await database.drop();
  });

  it('leaves nothing that is stored between its commands', async () => {
    const [writer, reader] = apps as [CacheApp, CacheApp];
    const [rows, elsewhere] = [writer.get(Rows), reader.get(Rows)];
    let open: () => void = () => undefined;
    source.isOpen = new Promise((resolve) => (open = resolve));
    const reads = IDS.map((id) => elsewhere.get(id));
    while ((await redis.client.keys('*:lease:*')).length < IDS.length);
    const client: { unlink(...keys: string[]): Promise<number> } = writer.redis;
    const unlink = client.unlink.bind(client);
    const commands = jest.spyOn(client, 'unlink').mockImplementation(async (...keys) => {
      const removed = await unlink(...keys);
      open();
      await Promise.all(reads);
      return removed;
    });
    await rows.writeAll();
    expect(commands.mock.calls.length).toBeGreaterThan(1);
    commands.mockRestore();
    const results = await Promise.all(IDS.map((id) => rows.get(id)));
    expect(results.filter((value) => value === 'old')).toEqual([]);
  });
});
