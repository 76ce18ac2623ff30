import { Controller, Get, Injectable, Param } from '@nestjs/common';
import { Cacheable, CacheType, ServeFromCache } from '../../src/cache/index.js';
import { ParseIdPipe, toId } from '../../src/common/index.js';
import { useHttpApp } from './support/http-app.js';
import { useRedis } from './support/suite.js';

@CacheType({ name: 'response-versions-shop', version: 2 })
class Shop {
  constructor(readonly name: string) {}
}

@CacheType({ name: 'response versions, shown', version: 7 })
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
  const [SHOP, SHOWN] = ['response-versions-shop', 'response versions, shown'].map((name) => {
    return Buffer.from(name).toString('base64url');
  });
  const storedResponse = () => redis.client.hget(ENTRY, 'response');
  beforeEach(async () => {
    http.app.get(Shops).loads = 0;
    expect(await http.get('/shops/1')).toEqual(['MISS', BODY]);
  });

  it('stores the versions of the code that built it', async () => {
    expect(await storedResponse()).toContain(`${SHOP}:2,${SHOWN}:7 "`);
    expect(await http.get('/shops/1')).toEqual(['HIT', BODY]);
  });

  const damages: readonly (readonly [string, (stored: string) => string])[] = [
    ['of an older value class', (stored) => stored.replace(`${SHOP}:2`, `${SHOP}:1`).replace('label', 'name')],
    ['of a newer response class', (stored) => stored.replace(`${SHOWN}:7`, `${SHOWN}:8`).replace('label', 'title')],
    ['of an unknown class', (stored) => stored.replace(String(SHOP), 'Z29uZQ').replace('label', 'name')],
    ['that is junk', () => 'junk'],
    ['that is a single line break', () => '\n'],
    ['whose entity tag would break a header', () => ' "a\rb"\n{}'],
    ['whose class names cannot be decoded', (stored) => stored.replace(String(SHOP), '%,:')],
  ];

  it.each(damages)('%s is rebuilt from the value', async (_what, damage) => {
    await redis.client.hset(ENTRY, 'response', damage((await storedResponse()) ?? ''));
    expect(await http.get('/shops/1')).toEqual(['HIT', BODY]);
    expect(http.app.get(Shops).loads).toBe(1);
  });

  it('is loaded again when the value is of another version too', async () => {
    const [value, response] = await redis.client.hmget(ENTRY, 'value', 'response');
    await redis.client.hset(ENTRY, {
      value: value?.replace('shop",2', 'shop",1') ?? '',
      response: response?.replace(`${SHOP}:2`, `${SHOP}:1`) ?? '',
    });
    expect(await http.get('/shops/1')).toEqual(['MISS', BODY]);
    expect(await http.get('/shops/1')).toEqual(['HIT', BODY]);
    expect(http.app.get(Shops).loads).toBe(2);
  });
});
