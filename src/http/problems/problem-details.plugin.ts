import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { ProblemFilter } from './problem.filter.js';
import { RouteTable } from './route-table.js';

/** Renders every error as `application/problem+json` (RFC 9457). Must be registered before the first route. */
export function problemDetails(server: FastifyInstance, { app }: { readonly app: NestFastifyApplication }): void {
  const routes = new RouteTable();
  server.addHook('onRoute', ({ method, url }) => routes.add(method, url));
  app.useGlobalFilters(new ProblemFilter(routes));
}
