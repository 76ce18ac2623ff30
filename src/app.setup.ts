import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import fastifyCookie from '@fastify/cookie';
import { compile } from '@fastify/proxy-addr';
import { VersioningType } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { QUEUE_BOARD_PATH, QueueBoard } from './admin/index.js';
import {
  acceptAnyHead,
  addEntityTags,
  addSecurityHeaders,
  handleClientError,
  type ConnectionLimits,
  rejectMalformedInput,
  HttpConnections,
  InputValidationPipe,
  parseQuery,
  ProblemFilter,
  readJsonBodies,
  refuseRequests,
  routableTarget,
  RouteTable,
  UNREADABLE_TARGET,
} from './common/index.js';
import { Env } from './config/index.js';
import { HealthService } from './health/index.js';
import {
  AppLogger,
  createPino,
  requestContext,
  logAccess,
  makeRequestId,
  measureRequests,
  Metrics,
  serveMetrics,
} from './observability/index.js';
import { clientNetwork, limitRequests, RequestLimits } from './rate-limit/index.js';
import { AccessTokens, bearerToken } from './tokens/index.js';
import { serveOpenApi } from './openapi-pages.js';

const BODY_LIMIT_BYTES = 100_000;
/** How long browsers may cache a preflight; 7,200 s is Chromium's maximum. */
const PREFLIGHT_MAX_AGE_S = 7_200;
const SERVER: ServerOptions = {
  // Time for a request to arrive whole: 30 s with the time between two checks, which is 30 s by default. Node takes the
  // longer of the two limits for the whole request, and 60 s for the headers unless told.
  requestTimeout: 29_000,
  headersTimeout: 29_000,
  connectionsCheckingInterval: 1_000,
  // Longer than proxies keep idle connections, so that it is they who close them (nginx: 60 s).
  keepAliveTimeout: 72_000,
  // Node's own refusal has no body; `refuseRequests` does it.
  requireHostHeader: false,
};
/** Sockets without traffic for this long are closed; streams and WebSockets send something every 15 s. */
const SOCKET_IDLE_TIMEOUT_MS = 30_000;
/** More than the 16 KiB a request line can have: ids in paths are refused by their own rules. */
const MAX_PARAM_LENGTH = 20_000;

declare module 'fastify' {
  interface FastifyInstance {
    readonly connections: HttpConnections;
  }
}

/** The HTTP server Nest stands on. */
export function createAdapter(env: Env): FastifyAdapter {
  const connections = new HttpConnections(connectionLimits(env));
  const adapter = new FastifyAdapter({
    // No middleware is used; looking for it would cost every request a little.
    skipMiddie: true,
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handle: RequestListener) =>
      connections.serve(acceptAnyHead(createServer(SERVER).setTimeout(SOCKET_IDLE_TIMEOUT_MS)), handle),
    // Until the last connection is closed, requests on it are answered as ever.
    return503OnClosing: false,
    trustProxy: env.trustedProxies.length > 0 ? env.trustedProxies : false,
    genReqId: makeRequestId,
    requestIdHeader: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: parseQuery },
    rewriteUrl: ({ url = '/' }) => routableTarget(url),
    clientErrorHandler: handleClientError,
    // Refusals of the router run no hooks: the request is routed again with a target that a hook refuses.
    frameworkErrors: (_error: Error, { raw }: FastifyRequest, reply: FastifyReply) => {
      raw.url = UNREADABLE_TARGET;
      adapter.getInstance().routing(raw, reply.raw);
    },
  });
  adapter.getInstance().decorate('connections', connections);
  return adapter;
}

function connectionLimits({ connectionsPerAddress, trustedProxies }: Env): ConnectionLimits {
  const isProxy = compile(trustedProxies);
  return {
    perClient: connectionsPerAddress,
    clientOf: (address) => (address !== undefined && isProxy(address, 0) ? undefined : clientNetwork(address)),
  };
}

/** Everything an instance has around its modules; the same in production and in tests. */
export async function setUpApp(app: NestFastifyApplication): Promise<NestFastifyApplication> {
  const env = app.get(Env);
  const pino = createPino({ level: env.logLevel, format: env.logFormat });
  const server = app.getHttpAdapter().getInstance();
  const routes = new RouteTable();
  app.useLogger(new AppLogger(pino));
  server.addHook('preClose', (done) => {
    server.connections.close();
    done();
  });
  routes.watch(server);
  measureRequests(server, app.get(Metrics, { strict: false }));
  countRefusals(server, app.get(Metrics, { strict: false }));
  requestContext(server);
  logAccess(server, pino);
  const access = app.get(AccessTokens, { strict: false });
  const isSigned = (header: string) => access.find(bearerToken(header)) !== null;
  limitRequests(server, app.get(RequestLimits, { strict: false }), isSigned);
  refuseRequests(server);
  rejectMalformedInput(server);
  addSecurityHeaders(server, ['/docs', QUEUE_BOARD_PATH]);
  addEntityTags(server);
  readJsonBodies(server);
  await app.register(fastifyCookie);
  if (env.corsOrigins.length > 0) app.enableCors(corsOptions(env.corsOrigins));
  setUpRoutes(app);
  serveMetrics(server, app.get(Metrics, { strict: false }), env.metricsToken);
  app.useGlobalPipes(new InputValidationPipe());
  app.useGlobalFilters(new ProblemFilter(routes));
  serveOpenApi(app);
  app.get(QueueBoard, { strict: false }).serve(server);
  return app;
}

/**
 * Has an instance end without a client that notices: readiness says so first, while everything is served as ever; then
 * no connection is taken any more, and what arrives on open ones is answered.
 */
export async function drain(app: NestFastifyApplication): Promise<void> {
  app.get(HealthService, { strict: false }).beginShutdown();
  await pause(app.get(Env).shutdownDelayMs);
  await app.getHttpAdapter().getInstance().connections.drain();
}

function countRefusals({ connections }: FastifyInstance, metrics: Metrics): void {
  metrics.add({
    name: 'ecogreen_http_connections_refused_total',
    help: 'Connections refused by the per-address limit.',
    type: 'counter',
    read: () => [{ value: connections.refused }],
  });
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
    maxAge: PREFLIGHT_MAX_AGE_S,
    exposedHeaders: [
      ...['ETag', 'Location', 'Retry-After', 'X-Cache', 'X-Request-Id'],
      ...['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Used'],
    ],
  };
}
