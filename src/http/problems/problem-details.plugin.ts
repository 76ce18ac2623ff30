import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';

/** Renders every error as `application/problem+json` (RFC 9457). Must be registered before the first route. */
export function problemDetails(server: FastifyInstance, { app }: { readonly app: NestFastifyApplication }): void {
  const routes = new RouteTable();
  const filter = new ProblemFilter(routes);
  const { httpAdapter } = app.get(HttpAdapterHost);
  server.addHook('onRoute', (route) => {
    routes.add(route.method, route.url);
    // Routes of plugins exist before Nest sets its error handler; they would use that of Fastify or of Bull Board.
    route.errorHandler = (error, request, reply) => filter.respond(httpAdapter.mapException(error), request, reply);
  });
  app.useGlobalFilters(filter);
}
