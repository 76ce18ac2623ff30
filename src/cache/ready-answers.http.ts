import { Injectable, type Type } from '@nestjs/common';
import { GUARDS_METADATA, INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, ModuleRef, type AbstractHttpAdapter } from '@nestjs/core';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyInstance, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { ROUTE_ROLES, sendJsonAnswer } from '../common/index.js';
import { InvalidCacheOperationsError } from './cache.errors.js';
import { READY_ANSWER, type PathParameters, type ReadyAnswerSource } from './decorators/ready-answer.decorator.js';
import { answererOf } from './runtime/cached-answer.js';

type RouteConfig = { readonly [READY_ANSWER]?: ReadyAnswerSource } | undefined;

const PASSED_BY = [GUARDS_METADATA, INTERCEPTORS_METADATA, ROUTE_ROLES];

/** Answers routes with `@ReadyAnswer` whose callers send no access token, before Nest does anything. */
@Injectable()
export class ReadyAnswers {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly moduleRef: ModuleRef,
  ) {}

  /**
   * To be called once decorated methods are wrapped, and before there are routes.
   * @throws InvalidCacheOperationsError when a route has what would be passed by
   */
  serve(adapter: AbstractHttpAdapter): void {
    const problems = this.discovery.getControllers().flatMap(({ metatype }) => problemsOf(metatype as Type));
    if (problems.length > 0) throw new InvalidCacheOperationsError(problems);
    adapter.getInstance<FastifyInstance>().addHook('onRoute', (route) => {
      const config: RouteConfig = route.config;
      const source = config?.[READY_ANSWER];
      if (source !== undefined) route.preHandler = [...[route.preHandler ?? []].flat(), this.answerFrom(source)];
    });
  }

  private answerFrom(source: ReadyAnswerSource): preHandlerHookHandler {
    const service = this.moduleRef.get<object>(source.service, { strict: false });
    const answer = answererOf(service, source.method);
    return (request, reply, done) => {
      const args = argumentsFor(source, request);
      if (args === undefined) done();
      else answer(args).then((ready) => sendJsonAnswer(reply, ready), done);
    };
  }
}

/** What stands before the handlers of `@ReadyAnswer` and would not be asked. */
function problemsOf(controller: Type): string[] {
  const prototype = controller.prototype as Record<string, object>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const route = prototype[name] ?? controller;
    const config = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, route) as RouteConfig;
    const hasAny = [route, controller].some((each) => PASSED_BY.some((key) => Reflect.hasMetadata(key, each)));
    if (config?.[READY_ANSWER] === undefined || !hasAny) return [];
    return [`@ReadyAnswer of ${controller.name}.${name} would pass by its guards, roles or interceptors; drop one`];
  });
}

/** Undefined when the request is for the handler. */
function argumentsFor(source: ReadyAnswerSource, { headers, params }: FastifyRequest): readonly unknown[] | undefined {
  if (headers.authorization !== undefined) return undefined;
  try {
    return source.argumentsOf(params as PathParameters);
  } catch {
    return undefined;
  }
}
