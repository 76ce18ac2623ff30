import {
  type CanActivate,
  ClassSerializerInterceptor,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Param,
  Query,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Exclude } from 'class-transformer';
import { Cacheable, CacheEvict, CacheType } from '../../src/cache/index.js';
import { AppError, CurrentUser, type AuthUser } from '../../src/common/index.js';
import { compileCacheApp } from './support/cache-app.js';
import { useRedis } from './support/suite.js';

class AwayError extends AppError {
  constructor() {
    super({ kind: 'unavailable', code: 'AWAY', detail: { en: 'away', ko: '없음' } });
  }
}

@CacheType({ name: 'http-account', version: 1 })
class Account {
  @Exclude()
  readonly password = 'secret';

  constructor(
    readonly name: string,
    readonly createdAt: Date,
  ) {}
}

/** Signs in whom the header names, as the guard of the service does with a token. */
@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: unknown }>();
    if ('x-user' in request.headers) request.user = { id: request.headers['x-user'] };
    return true;
  }
}

@Injectable()
class Service {
  runs = 0;
  away = false;

  @Cacheable({ cache: 'account' })
  async account(name: string): Promise<Account> {
    await Promise.resolve();
    return new Account(name, new Date(0));
  }

  @Cacheable({ cache: 'mine', scope: 'user', key: () => 'profile' })
  async mine(user: Pick<AuthUser, 'id'> | undefined): Promise<{ of: string; runs: number }> {
    await new Promise((resolve) => setTimeout(resolve, 10));
    this.runs += 1;
    return { of: user?.id ?? 'nobody', runs: this.runs };
  }

  @CacheEvict({ cache: 'mine', scope: 'user', key: () => 'profile' })
  changeMine(): Promise<void> {
    return Promise.resolve();
  }

  @Cacheable({ cache: 'part', condition: (part: string) => part !== 'uncached', ttl: '300ms', staleIfError: '1h' })
  part(name: string): Promise<string> {
    return this.away ? Promise.reject(new AwayError()) : Promise.resolve(name);
  }
}

@Controller()
@UseGuards(HeaderGuard)
class Routes {
  constructor(private readonly service: Service) {}

  @Get('accounts/:name')
  @UseInterceptors(ClassSerializerInterceptor)
  account(@Param('name') name: string): Promise<Account> {
    return this.service.account(name);
  }

  @Get('mine')
  mine(@CurrentUser() user: AuthUser | undefined): Promise<unknown> {
    return this.service.mine(user);
  }

  @Get('mine/change')
  change(): Promise<void> {
    return this.service.changeMine();
  }

  @Get('parts')
  async parts(@Query('names') names = ''): Promise<string[]> {
    return Promise.all(names.split(',').filter(Boolean).map((name) => this.service.part(name)));
  }

  @Get('fails')
  async fails(): Promise<void> {
    await this.service.part('a');
    throw new AwayError();
  }
}

describe('cached answers over HTTP', () => {
  const redis = useRedis();
  let app: NestFastifyApplication;
  let service: Service;

  beforeAll(async () => {
    const module = await compileCacheApp({ redisUrl: redis.server.url, controllers: [Routes], providers: [Service] });
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();
    service = app.get(Service);
  });
  redis.beforeDrop(() => app.close());
  beforeEach(() => {
    service.away = false;
  });

  async function get(url: string, user?: string): Promise<[outcome: unknown, body: string]> {
    const answer = await app.inject({ url, headers: user === undefined ? {} : { 'x-user': user } });
    return [answer.headers['x-cache'], answer.body];
  }

  it('are byte for byte what they were, and hide what a class excludes (hole 27)', async () => {
    const [cold, hot] = [await get('/accounts/kim'), await get('/accounts/kim')];
    expect([cold[0], hot[0]]).toEqual(['MISS', 'HIT']);
    expect(hot[1]).toBe(cold[1]);
    expect(hot[1]).toBe('{"name":"kim","createdAt":"1970-01-01T00:00:00.000Z"}');
  });

  it('say nothing of a cache when none was asked', async () => {
    expect((await get('/parts'))[0]).toBeUndefined();
    expect((await get('/mine/change', 'kim'))[0]).toBeUndefined();
  });

  it.each([
    ['MISS', 'a cold part', 'a'],
    ['MISS', 'a hit and a miss', 'warm,b'],
    ['HIT', 'hits only', 'warm,warm'],
    ['BYPASS', 'a hit and a part whose condition excludes it', 'warm,uncached'],
    ['BYPASS', 'a miss and a part whose condition excludes it', 'c,uncached'],
  ])('say %s for %s', async (outcome, _what, names) => {
    await get('/parts?names=warm');
    expect((await get(`/parts?names=${names}`))[0]).toBe(outcome);
  });

  it('say STALE when any part is', async () => {
    await get('/parts?names=a,b');
    await new Promise((resolve) => setTimeout(resolve, 350));
    await get('/parts?names=b');
    service.away = true;
    expect(await get('/parts?names=b,a')).toEqual(['STALE', '["b","a"]']);
  });

  it('say the outcome of failed answers too', async () => {
    expect((await get('/fails'))[0]).toBe('MISS');
  });

  it('keep the outcomes of requests that run together apart', async () => {
    await get('/parts?names=warm');
    const names = Array.from({ length: 50 }, (_each, index) => (index % 2 === 0 ? 'warm' : `cold${index}`));
    const outcomes = await Promise.all(names.map(async (name) => (await get(`/parts?names=${name}`))[0]));
    expect(outcomes).toEqual(names.map((name) => (name === 'warm' ? 'HIT' : 'MISS')));
  });

  describe("with scope 'user' (hole 19)", () => {
    it('never reach another user', async () => {
      const users = ['alice', 'bob', 'alice', 'bob', '@', '@alice'];
      const together = await Promise.all(users.map((user) => get('/mine', user)));
      expect(together.map(([, body]) => (JSON.parse(body) as { of: string }).of)).toEqual(users);
      for (const user of users) expect(await get('/mine', user)).toEqual(['HIT', expect.stringContaining(`"${user}"`)]);
    });

    it('are neither kept nor taken from the cache when nobody is signed in', async () => {
      const [first, second] = [await get('/mine'), await get('/mine')];
      expect([first[0], second[0]]).toEqual(['BYPASS', 'BYPASS']);
      expect(second[1]).not.toBe(first[1]);
    });

    it('are evicted for the user who calls, and for nobody else', async () => {
      const [alice, bob] = [await get('/mine', 'alice'), await get('/mine', 'bob')];
      await get('/mine/change', 'alice');
      expect((await get('/mine', 'alice'))[1]).not.toBe(alice[1]);
      expect(await get('/mine', 'bob')).toEqual(['HIT', bob[1]]);
    });

    it('refuse an evict when nobody is signed in, before the method runs', async () => {
      await expect(service.changeMine()).rejects.toThrow("scope 'user', but nobody is signed in");
    });
  });
});
