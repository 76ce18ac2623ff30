import {
  Controller, Get, Header, HttpCode, Injectable, Module, Param, SetMetadata, UseGuards, UseInterceptors,
  type CallHandler, type CanActivate, type ExecutionContext, type NestInterceptor, type Type,
} from '@nestjs/common';
import { Cacheable, CacheEvict, ServeFromCache } from '../../src/cache/index.js';
import { AppError, ParseIdPipe, ROUTE_ROLES, toId } from '../../src/common/index.js';
import { RedisConnections } from '../../src/redis/index.js';
import { compileCacheApp } from './support/cache-app.js';
import { initHttpApp, useHttpApp } from './support/http-app.js';
import { useRedis } from './support/suite.js';

class NotThereError extends AppError {
  constructor() {
    super({ kind: 'not-found', code: 'NOT_THERE', detail: { en: 'not there', ko: '없음' } });
  }
}

@Injectable()
class Trees {
  loads = 0;
  height = 1;

  @Cacheable({ cache: 'trees', key: (id: number) => id, response: (height: number) => ({ height }) })
  get(id: number): Promise<number> {
    this.loads += 1;
    return id === 404 ? Promise.reject(new NotThereError()) : Promise.resolve(this.height);
  }

  @CacheEvict({ cache: 'trees', key: (id: number) => id })
  grow(_id: number): Promise<void> {
    this.height += 1;
    return Promise.resolve();
  }
}

@Controller('trees')
class TreesController {
  handled = 0;

  constructor(private readonly trees: Trees) {}

  @ServeFromCache(Trees, 'get', ({ id }) => [toId(id)])
  @Get(':id')
  async get(@Param('id', ParseIdPipe) id: number): Promise<{ height: number; handled: true }> {
    this.handled += 1;
    return { height: await this.trees.get(id), handled: true };
  }
}

describe('a route with @ServeFromCache', () => {
  const redis = useRedis();
  const http = useHttpApp(redis, { controllers: [TreesController], providers: [Trees] });
  const call = async (path: string, options: { method?: 'GET' | 'HEAD'; headers?: Record<string, string> } = {}) => {
    const { statusCode, headers, body } = await http.app.inject({ url: `/trees/${path}`, ...options });
    return { status: statusCode, cache: headers['x-cache'], tag: String(headers['etag']), headers, body };
  };
  const handled = () => http.app.get(TreesController).handled;
  beforeEach(() => Object.assign(http.app.get(Trees), { loads: 0, height: 1 }));
  beforeEach(() => Object.assign(http.app.get(TreesController), { handled: 0 }));

  it('serves anonymous callers from the cache, and on a miss from the method, without the handler', async () => {
    expect(await call('1')).toMatchObject({ status: 200, cache: 'MISS', body: '{"height":1}' });
    const hit = await call('1');
    expect(hit).toMatchObject({ status: 200, cache: 'HIT', body: '{"height":1}' });
    expect(hit.headers['content-type']).toBe('application/json; charset=utf-8');
    expect([http.app.get(Trees).loads, handled()]).toEqual([1, 0]);
  });

  it('leaves authenticated callers to the handler', async () => {
    await call('1');
    const { cache, body } = await call('1', { headers: { authorization: 'Bearer whatever' } });
    expect([cache, JSON.parse(body), handled()]).toEqual(['HIT', { height: 1, handled: true }, 1]);
  });

  it('serves 304 for a matching ETag, and HEAD without a body', async () => {
    const { tag } = await call('1');
    expect(await call('1', { headers: { 'if-none-match': tag } })).toMatchObject({ status: 304, body: '', tag });
    expect(await call('1', { method: 'HEAD' })).toMatchObject({ status: 200, body: '', tag });
    expect((await call('1', { method: 'HEAD' })).headers['content-length']).toBe('12');
    expect(handled()).toBe(0);
  });

  it('never serves a stale value', async () => {
    const { tag } = await call('1');
    await http.app.get(Trees).grow(1);
    expect(await call('1', { headers: { 'if-none-match': tag } })).toMatchObject({ status: 200, body: '{"height":2}' });
  });

  it.each(['0', 'x', '1e3', '%00'])('leaves the unreadable path /%s to the pipes of the handler', async (id) => {
    await call(id);
    expect(http.app.get(Trees).loads).toBe(0);
  });

  it('responds to errors of the method as the handler would', async () => {
    const early = await call('404');
    const late = await call('404', { headers: { authorization: 'Bearer whatever' } });
    expect([early.status, early.body]).toEqual([late.status, late.body]);
    expect(early.status).toBeGreaterThanOrEqual(400);
    expect(handled()).toBe(1);
  });
});

@Injectable()
class Guard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle();
  }
}

describe('@ServeFromCache', () => {
  const redis = useRedis();
  const start = async (controller: Type, provider: Type = Trees) => {
    @Module({ controllers: [controller], providers: [provider] })
    class Routes {}
    const module = await compileCacheApp({ redisUrl: redis.server.url, imports: [Routes] });
    await initHttpApp(module).finally(() => module.get(RedisConnections).onApplicationShutdown());
  };

  it.each([
    ['@UseGuards', UseGuards(Guard)],
    ['@UseInterceptors', UseInterceptors(Interceptor)],
    ['@Roles', SetMetadata(ROUTE_ROLES, ['admin'])],
  ] as const)('rejects at start a route that would bypass %s of method or controller', async (decorator, decorate) => {
    @Controller('trees')
    class OnMethod {
      @decorate
      @ServeFromCache(Trees, 'get', ({ id }) => [toId(id)])
      @Get(':id')
      get(): boolean {
        return true;
      }
    }
    @decorate
    @Controller('trees')
    class OnController {
      @ServeFromCache(Trees, 'get', ({ id }) => [toId(id)])
      @Get(':id')
      get(): boolean {
        return true;
      }
    }
    await expect(start(OnMethod)).rejects.toThrow(`@ServeFromCache of OnMethod.get would pass by ${decorator}`);
    await expect(start(OnController)).rejects.toThrow(`@ServeFromCache of OnController.get would pass by ${decorator}`);
  });

  it.each([
    ['@HttpCode', HttpCode(203)],
    ['@Header', Header('x-tree', 'oak')],
  ] as const)('rejects at start a route that would bypass %s of the method', async (decorator, decorate) => {
    @Controller('trees')
    class Routes {
      @decorate
      @ServeFromCache(Trees, 'get', ({ id }) => [toId(id)])
      @Get(':id')
      get(): boolean {
        return true;
      }
    }
    await expect(start(Routes)).rejects.toThrow(`@ServeFromCache of Routes.get would pass by ${decorator}`);
  });

  it('names the method that prepares no response', async () => {
    class Plain {
      get(_id: number): Promise<number> {
        return Promise.resolve(1);
      }
    }
    @Controller('trees')
    class Routes {
      @ServeFromCache(Plain, 'get', ({ id }) => [toId(id)])
      @Get(':id')
      get(): boolean {
        return true;
      }
    }
    const problem = "get has no prepared response; set the option 'response' of its @Cacheable";
    await expect(start(Routes, Plain)).rejects.toThrow(problem);
  });
});
