import 'reflect-metadata';
import {
  type CanActivate,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  Injectable,
  Param,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import * as fc from 'fast-check';
import { Cacheable } from '../../../src/cache/index.js';
import { Public, PUBLIC_ROUTE, Roles, ROUTE_ROLES } from '../../../src/common/index.js';
import { compileCacheApp } from '../support/cache-app.js';
import { initHttpApp } from '../support/http-app.js';
import { useRedis } from '../support/suite.js';

/** Rejects anonymous requests unless the route is public, as the guard of the service does. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.get<boolean | undefined>(PUBLIC_ROUTE, context.getHandler()) === true) return true;
    const roles = this.reflector.get<string[] | undefined>(ROUTE_ROLES, context.getHandler());
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    return roles?.includes(headers['x-role'] ?? '') ?? false;
  }
}

const Shout = createParamDecorator((name: string, context: ExecutionContext) => {
  const { params } = context.switchToHttp().getRequest<{ params: Record<string, string> }>();
  return params[name]?.toUpperCase();
});

const cacheable = Cacheable({ cache: 'routes', key: (_loud: string, id: string) => id, scope: 'public' });

/** Decorators that a route may have beside `@Cacheable`. */
const decorators: Readonly<Record<string, MethodDecorator>> = {
  Cacheable: cacheable as unknown as MethodDecorator,
  Get: Get('things/:id'),
  Roles: Roles('admin'),
  UseGuards: UseGuards(RolesGuard),
  HttpCode: HttpCode(202),
  Header: Header('X-Mark', 'stored'),
  ApiResponse: ApiResponse({ status: 418, description: 'teapot' }),
  SetMetadata: SetMetadata('own', { of: 'ours' }),
};

function createController(order: readonly string[], visibility: MethodDecorator = () => undefined) {
  class ThingsController {
    private runs = 0;

    get(upperCase: string, id: string): Promise<{ upperCase: string; id: string; runs: number }> {
      this.runs += 1;
      return Promise.resolve({ upperCase, id, runs: this.runs });
    }
  }
  const { prototype } = ThingsController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'get') as PropertyDescriptor;
  Shout('id')(prototype, 'get', 0);
  Param('id')(prototype, 'get', 1);
  const applied = [...order.flatMap((name) => decorators[name] ?? []), visibility].reverse();
  for (const decorate of applied) decorate(prototype, 'get', descriptor);
  Object.defineProperty(prototype, 'get', descriptor);
  Reflect.defineMetadata('design:paramtypes', [String, String], prototype, 'get');
  Controller()(ThingsController);
  return ThingsController;
}

/** Responses and OpenAPI document of a controller. */
async function observe(controller: ReturnType<typeof createController>, redisUrl: string) {
  const module = await compileCacheApp({ redisUrl, controllers: [controller], providers: [RolesGuard] });
  const app = await initHttpApp(module);
  const call = async (headers: Record<string, string>) => {
    const response = await app.inject({ method: 'GET', url: '/things/tea', headers });
    return [response.statusCode, response.headers['x-mark'], response.headers['x-cache'], response.json<unknown>()];
  };
  const responses = {
    anonymous: await call({}),
    user: await call({ 'x-role': 'user' }),
    first: await call({ 'x-role': 'admin' }),
    second: await call({ 'x-role': 'admin' }),
    anonymousAfterwards: await call({}),
    document: SwaggerModule.createDocument(app, new DocumentBuilder().build()).paths,
  };
  await app.close();
  return responses;
}

const forbidden = [403, undefined, undefined, expect.objectContaining({ statusCode: 403 })];
const value = { upperCase: 'TEA', id: 'tea', runs: 1 };
const names = Object.keys(decorators);

describe('prevents failure mode 21: a wrapper hides the metadata of a guard, so that the route is public', () => {
  const redis = useRedis();
  let expected: Awaited<ReturnType<typeof observe>>;

  beforeEach(async () => {
    expected = await observe(createController(names), redis.server.url);
    await redis.client.flushall();
  });

  it('has guarded, documented and cached the route', () => {
    expect(expected).toMatchObject({
      anonymous: forbidden,
      user: forbidden,
      first: [202, 'stored', 'MISS', value],
      second: [202, 'stored', 'HIT', value],
      anonymousAfterwards: forbidden,
    });
    expect(expected.document['/things/{id}']?.get?.responses).toHaveProperty('418');
  });

  it.each(names.map((_name, position) => position))(
    'behaves the same with @Cacheable at position %i',
    async (position) => {
      const order = names.filter((name) => name !== 'Cacheable');
      order.splice(position, 0, 'Cacheable');
      expect(await observe(createController(order), redis.server.url)).toEqual(expected);
    },
  );

  it('behaves the same in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(names, { minLength: names.length }), async (order) => {
        await redis.client.flushall();
        expect(await observe(createController(order), redis.server.url)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it.each([names, [...names].reverse()])('keeps a @Public() route public', async (...order) => {
    const responses = await observe(createController(order, Public()), redis.server.url);
    expect(responses.anonymous).toEqual([202, 'stored', 'MISS', value]);
    expect(responses.anonymousAfterwards).toEqual([202, 'stored', 'HIT', value]);
  });
});
