import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TestingModule } from '@nestjs/testing';
import { cachedResponses, cacheStatus } from '../../../src/cache/index.js';
import { compileCacheApp, type CacheAppOptions } from './cache-app.js';
import type { RedisSuite } from './suite.js';

/** Authenticates the user named by the `x-user` header, as the guard of the service does by a token. */
@Injectable()
export class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: unknown }>();
    if ('x-user' in request.headers) request.user = { userId: request.headers['x-user'] };
    return true;
  }
}

/** An HTTP application with the cache. */
export interface HttpApp {
  readonly app: NestFastifyApplication;
  /** The `X-Cache` header and the body of the response. */
  get(url: string, user?: string): Promise<[outcome: unknown, body: string]>;
}

/** Starts the application of a module with the plugins of the cache, as the service registers them. */
export async function initHttpApp(module: TestingModule): Promise<NestFastifyApplication> {
  const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  const server = app.getHttpAdapter().getInstance();
  cacheStatus(server);
  cachedResponses(server, { app });
  await app.init();
  return app;
}

export function useHttpApp(suite: RedisSuite, options: Omit<CacheAppOptions, 'redisUrl'>): HttpApp {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    const module = await compileCacheApp({ ...options, redisUrl: suite.server.url });
    app = await initHttpApp(module);
  });
  suite.beforeDrop(() => app.close());
  return {
    get app() {
      return app;
    },
    get: async (url, user) => {
      const response = await app.inject({ url, headers: user === undefined ? {} : { 'x-user': user } });
      return [response.headers['x-cache'], response.body];
    },
  };
}
