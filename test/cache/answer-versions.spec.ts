import { Controller, Get, Injectable, Param } from '@nestjs/common';
import { Cacheable, CacheType, ServeFromCache } from '../../src/cache/index.js';
import { ParseIdPipe, toId } from '../../src/common/index.js';
import { useHttpApp } from './support/http-app.js';
import { useRedis } from './support/suite.js';

@CacheType({ name: 'answer-versions-shop', version: 2 })
class Shop {
  constructor(readonly name: string) {}
}

@CacheType({ name: 'answer versions, shown', version: 7 })
class ShopDto {
  constructor(readonly label: string) {}
}

@Injectable()
class Shops {
  loads = 0;

  @Cacheable({ cache: 'shops', key: (id: number) => id, response: ({ name }: Shop) => new ShopDto(name) })
  get(_id: number): Promise<Shop> {
    this.loads += 1;
    return Promise.resolve(new Shop('oak'));
  }
}

@Controller('shops')
class ShopsController {
  @ServeFromCache(Shops, 'get', ({ id }) => [toId(id)])
  @Get(':id')
  get(@Param('id', ParseIdPipe) id: number): number {
    return id;
  }
}

describe('a prepared response of another version close to its expiry', () => {
  const redis = useRedis();
  const settings = { earlyRefresh: 1e12 };
  const http = useHttpApp(redis, { controllers: [ShopsController], providers: [Shops], settings });

  it('is rebuilt from the value without running the method', async () => {
    await http.get('/shops/1');
    await redis.client.hset('cache:{shops}:entry:1', 'load', '5', 'response', 'of another version');
    expect(await http.get('/shops/1')).toEqual(['HIT', '{"label":"oak"}']);
  });
});

describe('a prepared response', () => {
  const redis = useRedis();
  const http = useHttpApp(redis, { controllers: [ShopsController], providers: [Shops] });
  const ENTRY = 'cache:{shops}:entry:1';
  const BODY = '{"label":"oak"}';
  const [SHOP, SHOWN] = ['answer-versions-shop', 'answer versions, shown'].map((name) => {
    return Buffer.from(name).toString('base64url');
  });
  const answer = () => redis.client.hget(ENTRY, 'response');
  beforeEach(async () => {
    http.app.get(Shops).loads = 0;
    expect(await http.get('/shops/1')).toEqual(['MISS', BODY]);
  });

  it('stores the versions of the code that built it', async () => {
    expect(await answer()).toContain(`${SHOP}:2,${SHOWN}:7 "`);
    expect(await http.get('/shops/1')).toEqual(['HIT', BODY]);
  });

  const spoilers: readonly (readonly [string, (kept: string) => string])[] = [
    ['of an older class of the value', (kept) => kept.replace(`${SHOP}:2`, `${SHOP}:1`).replace('label', 'name')],
    ['of a newer class of the answer', (kept) => kept.replace(`${SHOWN}:7`, `${SHOWN}:8`).replace('label', 'title')],
    ['of a class that is not there', (kept) => kept.replace(String(SHOP), 'Z29uZQ').replace('label', 'name')],
    ['that is junk', () => 'junk'],
    ['that is nothing but a line', () => '\n'],
    ['whose entity tag would break a header', () => ' "a\rb"\n{}'],
    ['whose names are none', (kept) => kept.replace(String(SHOP), '%,:')],
  ];

  it.each(spoilers)('%s is rebuilt from the value', async (_what, spoil) => {
    await redis.client.hset(ENTRY, 'response', spoil((await answer()) ?? ''));
    expect(await http.get('/shops/1')).toEqual(['HIT', BODY]);
    expect(http.app.get(Shops).loads).toBe(1);
  });

  it('is loaded again when the value is of another version too', async () => {
    const [value, kept] = await redis.client.hmget(ENTRY, 'value', 'response');
    const older = [value?.replace('shop",2', 'shop",1') ?? '', kept?.replace(`${SHOP}:2`, `${SHOP}:1`) ?? ''] as const;
    await redis.client.hset(ENTRY, { value: older[0], response: older[1] });
    expect(await http.get('/shops/1')).toEqual(['MISS', BODY]);
    expect(await http.get('/shops/1')).toEqual(['HIT', BODY]);
    expect(http.app.get(Shops).loads).toBe(2);
  });
});
