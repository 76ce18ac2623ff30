import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import fastifyCookie from '@fastify/cookie';
import { compile } from '@fastify/proxy-addr';
import { VersioningType } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { QUEUE_BOARD_PATH, QueueBoard } from '../admin/index.js';
import { AccessTokenVerifier } from '../auth/index.js';
import { InputValidationPipe } from '../common/index.js';
import { Env } from '../config/index.js';
import { HealthService } from '../health/index.js';
import { NotificationSockets } from '../notifications/index.js';
import {
  AppLogger,
  createPino,
  requestContext,
  logAccess,
  makeRequestId,
  measureRequests,
  Metrics,
  serveMetrics,
} from '../observability/index.js';
import { clientNetwork, limitRequests, RequestLimits } from '../rate-limit/index.js';
import { handleClientError } from './connections/client-error.js';
import { HttpConnections, type ConnectionLimits } from './connections/http-connections.js';
import { sockets } from './connections/sockets.plugin.js';
import { serveOpenApi } from './openapi/openapi.plugin.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { RouteTable } from './problems/route-table.js';
import { acceptAnyHead, refuseRequests } from './requests/head-checks.plugin.js';
import { readJsonBodies } from './requests/json-bodies.plugin.js';
import { rejectMalformedInput } from './requests/malformed-input.plugin.js';
import { parseQuery, routableTarget, UNREADABLE_TARGET } from './requests/request-target.js';
import { addEntityTags } from './responses/entity-tags.plugin.js';
import { addSecurityHeaders } from './responses/security-headers.plugin.js';

const BODY_LIMIT_BYTES = 100_000;
/** Time browsers may cache a preflight response; 7,200 s is Chromium's maximum. */
const PREFLIGHT_MAX_AGE_S = 7_200;
const SERVER: ServerOptions = {
  // Time for a complete request to arrive: 30 s, including the check interval, whose default is 30 s. Node applies the
  // longer of the two limits to the whole request; its default for the headers is 60 s.
  requestTimeout: 29_000,
  headersTimeout: 29_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the idle timeout of proxies (nginx: 60 s), so that the proxy closes the connection first.
  keepAliveTimeout: 72_000,
  // Node's own rejection has no body; `refuseRequests` rejects instead.
  requireHostHeader: false,
};
/** Idle timeout of sockets; streams and WebSockets send something every 15 s. */
const SOCKET_IDLE_TIMEOUT_MS = 30_000;
/** More than the 16 KiB that a request line can have, so that ids in paths are rejected by their own rules. */
const MAX_PARAM_LENGTH = 20_000;

declare module 'fastify' {
  interface FastifyInstance {
    readonly connections: HttpConnections;
  }
}

/** Creates the HTTP server on which Nest runs. */
export function createAdapter(env: Env): FastifyAdapter {
  const connections = new HttpConnections(connectionLimits(env));
  const adapter = new FastifyAdapter({
    // No middleware is used; looking for it would slow down every request slightly.
    skipMiddie: true,
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handle: RequestListener) =>
      connections.serve(acceptAnyHead(createServer(SERVER).setTimeout(SOCKET_IDLE_TIMEOUT_MS)), handle),
    // Requests on open connections are served normally until the last connection is closed.
    return503OnClosing: false,
    trustProxy: env.trustedProxies.length > 0 ? env.trustedProxies : false,
    genReqId: makeRequestId,
    requestIdHeader: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, querystringParser: parseQuery },
    rewriteUrl: ({ url = '/' }) => routableTarget(url),
    clientErrorHandler: handleClientError,
    // Errors of the router run no hooks, so the request is routed again with a target that a hook rejects.
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

/** Configures everything outside the modules; the same in production and in tests. */
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
  const verifier = app.get(AccessTokenVerifier, { strict: false });
  const isSigned = (request: FastifyRequest) => verifier.signedClaims(request) !== null;
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
  const notifications = app.get(NotificationSockets, { strict: false });
  sockets(server, { notifications, trustedProxies: env.trustedProxies });
  return app;
}

/**
 * Drains an instance before shutdown, so that no client notices: first readiness fails while everything is still
 * served; then new connections are rejected, and requests on open ones are still served.
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

/** Sets the path prefix of all routes to `/api/v1`, except for health. */
export function setUpRoutes(app: NestFastifyApplication): void {
  app.setGlobalPrefix('api', { exclude: ['health/{*rest}'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
}

/** CORS options: what scripts of other sites may do. */
function corsOptions(origin: string[]): Parameters<NestFastifyApplication['enableCors']>[0] {
  return {
    origin,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    // Handles OPTIONS without preflight headers like a preflight, instead of rejecting it in plain text.
    strictPreflight: false,
    maxAge: PREFLIGHT_MAX_AGE_S,
    exposedHeaders: [
      ...['ETag', 'Location', 'Retry-After', 'X-Cache', 'X-Request-Id'],
      ...['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Used'],
    ],
  };
}
