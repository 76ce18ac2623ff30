import type { INestApplicationContext, Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import {
  EXCEPTION_FILTERS_METADATA, FASTIFY_ROUTE_CONFIG_METADATA, GUARDS_METADATA, HEADERS_METADATA, HTTP_CODE_METADATA,
  INTERCEPTORS_METADATA, PIPES_METADATA, REDIRECT_METADATA, ROUTE_ROLES, sendPreparedResponse, type PreparedResponse,
} from '../common/index.js';
import { InvalidCacheOperationsError } from './cache.errors.js';
import { CACHED_RESPONSE, type PathParameters, type CachedResponseSource } from './decorators/serve-from-cache.decorator.js';
import { responderFor } from './runtime/cached-response.js';

type RouteConfig = { readonly [CACHED_RESPONSE]?: CachedResponseSource } | undefined;

/** Decorators of a route or its controller that a cached response would bypass. */
const BYPASSED_DECORATORS = {
  [GUARDS_METADATA]: '@UseGuards',
  [ROUTE_ROLES]: '@Roles',
  [INTERCEPTORS_METADATA]: '@UseInterceptors',
  [EXCEPTION_FILTERS_METADATA]: '@UseFilters',
  [HTTP_CODE_METADATA]: '@HttpCode',
  [HEADERS_METADATA]: '@Header',
  [PIPES_METADATA]: '@UsePipes',
  [REDIRECT_METADATA]: '@Redirect',
};

/**
 * Sends the response of routes with `@ServeFromCache` to callers without an access token, before Nest handles the
 * request.
 *
 * @throws InvalidCacheOperationsError when a route has a decorator that would be bypassed
 */
export function cachedResponses(server: FastifyInstance, { app }: { readonly app: INestApplicationContext }): void {
  const controllers = app.get(DiscoveryService, { strict: false }).getControllers();
  const problems = controllers.flatMap(({ metatype }) => problemsOf(metatype as Type));
  if (problems.length > 0) throw new InvalidCacheOperationsError(problems);
  server.addHook('onRoute', (route) => {
    const config: RouteConfig = route.config;
    const source = config?.[CACHED_RESPONSE];
    if (source === undefined) return;
    const service = app.get(source.service, { strict: false });
    route.preHandler = [...[route.preHandler ?? []].flat(), respondFrom(service, source)];
  });
}

function respondFrom(service: object, source: CachedResponseSource): preHandlerHookHandler {
  const respond = responderFor(service, source.method);
  return (request, reply, done) => {
    const args = argumentsFor(source, request);
    if (args === undefined) done();
    else respond(args).then((response) => trySend(reply, response, done), done);
  };
}

/** Passes an error of sending to `done`: it would otherwise be an unhandled rejection. */
function trySend(reply: FastifyReply, response: PreparedResponse, done: (error: Error) => void): void {
  try {
    sendPreparedResponse(reply, response);
  } catch (error) {
    done(error as Error);
  }
}

/** Problems of the `@ServeFromCache` handlers of a controller: decorators that would be bypassed. */
function problemsOf(controller: Type): string[] {
  const prototype = controller.prototype as Record<string, object>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const route = prototype[name] ?? controller;
    const config = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, route) as RouteConfig;
    if (config?.[CACHED_RESPONSE] === undefined) return [];
    const has = (key: string) => [route, controller].some((each) => Reflect.hasMetadata(key, each));
    const passedBy = Object.entries(BYPASSED_DECORATORS).flatMap(([key, decorator]) => (has(key) ? [decorator] : []));
    return passedBy.map((each) => `@ServeFromCache of ${controller.name}.${name} would pass by ${each}; drop one`);
  });
}

/**
 * Arguments from the path; undefined when the request goes to the handler: it has an access token, or an invalid path.
 */
function argumentsFor(
  source: CachedResponseSource,
  { headers, params }: FastifyRequest,
): readonly unknown[] | undefined {
  if (headers.authorization !== undefined) return undefined;
  try {
    return source.argumentsOf(params as PathParameters);
  } catch {
    return undefined;
  }
}
