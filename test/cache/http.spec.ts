import { Controller, Get, Injectable, Query } from '@nestjs/common';
import { Cacheable } from '../../src/cache/index.js';
import { AppError } from '../../src/common/index.js';
import { useHttpApp } from './support/http-app.js';
import { useRedis } from './support/suite.js';

class SourceUnavailableError extends AppError {
  constructor() {
    super({ kind: 'unavailable', code: 'SOURCE_UNAVAILABLE', detail: { en: 'unavailable', ko: '없음' } });
  }
}

@Injectable()
class Service {
  isDown = false;

  @Cacheable({ cache: 'part', condition: (part: string) => part !== 'uncached', ttl: '300ms', staleIfError: '1h' })
  part(name: string): Promise<string> {
    return this.isDown ? Promise.reject(new SourceUnavailableError()) : Promise.resolve(name);
  }
}

@Controller()
class Routes {
  constructor(private readonly service: Service) {}

  @Get('parts')
  async parts(@Query('names') names = ''): Promise<string[]> {
    return Promise.all(names.split(',').filter(Boolean).map((name) => this.service.part(name)));
  }

  @Get('fails')
  async fails(): Promise<void> {
    await this.service.part('a');
    throw new SourceUnavailableError();
  }
}

describe('the X-Cache header', () => {
  const http = useHttpApp(useRedis(), { controllers: [Routes], providers: [Service] });
  const { get } = http;
  let service: Service;
  beforeEach(() => {
    service = http.app.get(Service);
    service.isDown = false;
  });

  it('is absent when no cache was used', async () => {
    expect((await get('/parts'))[0]).toBeUndefined();
  });

  it.each([
    ['MISS', 'a cold part', 'a'],
    ['MISS', 'a hit and a miss', 'warm,b'],
    ['HIT', 'hits only', 'warm,warm'],
    ['BYPASS', 'a hit and a part whose condition excludes it', 'warm,uncached'],
    ['BYPASS', 'a miss and a part whose condition excludes it', 'c,uncached'],
  ])('is %s for %s', async (outcome, _what, names) => {
    await get('/parts?names=warm');
    expect((await get(`/parts?names=${names}`))[0]).toBe(outcome);
  });

  it('is STALE when any part is stale', async () => {
    await get('/parts?names=a,b');
    await new Promise((resolve) => setTimeout(resolve, 350));
    await get('/parts?names=b');
    service.isDown = true;
    expect(await get('/parts?names=b,a')).toEqual(['STALE', '["b","a"]']);
  });

  it('is set on error responses too', async () => {
    expect((await get('/fails'))[0]).toBe('MISS');
  });

  it('separates the outcomes of concurrent requests', async () => {
    await get('/parts?names=warm');
    const names = Array.from({ length: 50 }, (_each, index) => (index % 2 === 0 ? 'warm' : `cold${index}`));
    const outcomes = await Promise.all(names.map(async (name) => (await get(`/parts?names=${name}`))[0]));
    expect(outcomes).toEqual(names.map((name) => (name === 'warm' ? 'HIT' : 'MISS')));
  });
});
