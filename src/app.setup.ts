import fastifyCookie from '@fastify/cookie';
import { VersioningType } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QUEUE_BOARD_PATH, QueueBoard } from './admin/index.js';
import {
  addEntityTags,
  addSecurityHeaders,
  answerClientError,
  boundShutdown,
  guardInput,
  InputValidationPipe,
  MalformedRequestError,
  ProblemFilter,
  RouteTable,
  sendProblem,
} from './common/index.js';
import { Env } from './config/index.js';
import {
  AppLogger,
  createPino,
  followRequests,
  logAccess,
  makeRequestId,
  measureRequests,
  Metrics,
  serveMetrics,
} from './observability/index.js';
import { limitRequests, RequestLimits } from './rate-limit/index.js';
import { serveOpenApi } from './openapi.js';

const BODY_LIMIT_BYTES = 100_000;
/** Time for a request to arrive whole; nobody holds a connection by sending it drop by drop. */
const REQUEST_TIMEOUT_MS = 30_000;

/** The HTTP server Nest stands on. */
export function createAdapter(env: Env): FastifyAdapter {
  return new FastifyAdapter({
    // No middleware is used; looking for it would cost every request a little.
    skipMiddie: true,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: env.trustedProxies.length > 0 ? env.trustedProxies : false,
    genReqId: makeRequestId,
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    clientErrorHandler: answerClientError,
    // What cannot be routed (a path with broken percent-encoding) never reaches Nest and its filter.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply, request, new MalformedRequestError(error)),
  });
}

/** Everything an instance has around its modules; the same in production and in tests. */
export async function setUpApp(app: NestFastifyApplication): Promise<NestFastifyApplication> {
  const env = app.get(Env);
  const pino = createPino({ level: env.logLevel, format: env.logFormat });
  const server = app.getHttpAdapter().getInstance();
  const routes = new RouteTable();
  app.useLogger(new AppLogger(pino));
  boundShutdown(server);
  routes.watch(server);
  measureRequests(server, app.get(Metrics, { strict: false }));
  followRequests(server);
  logAccess(server, pino);
  limitRequests(server, app.get(RequestLimits, { strict: false }));
  guardInput(server);
  addSecurityHeaders(server, ['/docs', QUEUE_BOARD_PATH]);
  addEntityTags(server);
  server.removeContentTypeParser('text/plain');
  await app.register(fastifyCookie);
  if (env.corsOrigins.length > 0) app.enableCors(corsOptions(env.corsOrigins));
  setUpRoutes(app);
  serveMetrics(server, app.get(Metrics, { strict: false }), env.metricsToken);
  app.useGlobalPipes(new InputValidationPipe());
  app.useGlobalFilters(new ProblemFilter(routes));
  // By exit, not by the signal again: what is still to be logged is written, and the exit code says that all went well.
  app.enableShutdownHooks([], { useProcessExit: true });
  serveOpenApi(app);
  app.get(QueueBoard, { strict: false }).serve(server);
  return app;
}

/** Where routes stand: under `/api/v1`, but for health. */
export function setUpRoutes(app: NestFastifyApplication): void {
  app.setGlobalPrefix('api', { exclude: ['health/{*rest}'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
}

/** What scripts of other sites may do. */
function corsOptions(origin: string[]): Parameters<NestFastifyApplication['enableCors']>[0] {
  return {
    origin,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    // OPTIONS without the headers of a preflight is answered as one, not refused in plain text.
    strictPreflight: false,
    exposedHeaders: [
      ...['ETag', 'Location', 'Retry-After', 'X-Cache', 'X-Request-Id'],
      ...['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Used'],
    ],
  };
}
