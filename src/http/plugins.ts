import fastifyCookie from '@fastify/cookie';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fastifyPlugin } from 'fastify-plugin';
import type { Logger } from 'pino';
import { RecentPlaces, ViewCounter, viewTracking } from '../activity/index.js';
import { QUEUE_BOARD_PATH, queueBoard, QueueBoard } from '../admin/index.js';
import { AccessTokenVerifier } from '../auth/index.js';
import { cachedResponses, cacheStatus } from '../cache/index.js';
import { Env } from '../config/index.js';
import { NotificationSockets } from '../notifications/index.js';
import { accessLog, Metrics, metricsRoute, requestContext, requestMetrics } from '../observability/index.js';
import { rateLimit, RequestLimits } from '../rate-limit/index.js';
import { connections } from './connections/connections.plugin.js';
import { sockets } from './connections/sockets.plugin.js';
import { openApi } from './openapi/openapi.plugin.js';
import { problemDetails } from './problems/problem-details.plugin.js';
import { headChecks } from './requests/head-checks.plugin.js';
import { jsonBodies } from './requests/json-bodies.plugin.js';
import { malformedInput } from './requests/malformed-input.plugin.js';
import { cors } from './responses/cors.plugin.js';
import { entityTags } from './responses/entity-tags.plugin.js';
import { securityHeaders } from './responses/security-headers.plugin.js';

/** Registers a plugin on a server; settles when it is loaded. */
type Registration = (server: FastifyInstance) => PromiseLike<unknown>;

/** Sources of the plugin options. */
interface Application {
  readonly app: NestFastifyApplication;
  readonly env: Env;
  readonly pino: Logger;
  /** Provider of any module. */
  readonly get: <T>(token: Type<T>) => T;
}

/** All plugins. Within a phase of Fastify's lifecycle, their hooks run in the order of this list. */
const PLUGINS: readonly ((application: Application) => Registration)[] = [
  // Errors as problem+json. First, because it needs to know every route, to distinguish 405 from 404.
  ({ app }) => use(problemDetails, { app }),
  // Closing of connections at shutdown, and the number of refused ones.
  ({ get }) => use(connections, { metrics: get(Metrics) }),
  // Durations by route and status.
  ({ get }) => use(requestMetrics, { metrics: get(Metrics) }),
  // X-Request-Id, and the log context.
  () => use(requestContext),
  // One log line per response.
  ({ pino }) => use(accessLog, { pino }),
  // Content-Security-Policy and the like.
  () => use(securityHeaders, { pages: ['/docs', QUEUE_BOARD_PATH] }),
  // 429, before the body is read.
  ({ get }) => use(rateLimit, { limits: get(RequestLimits), isSigned: isSignedBy(get(AccessTokenVerifier)) }),
  // 400, 417, 431: host, expectation, number of headers, request target.
  () => use(headChecks),
  // 400, 413, 415: JSON in UTF-8 only.
  () => use(jsonBodies),
  // 400: bounds of body, query and path.
  () => use(malformedInput),
  // ETag, and 304.
  () => use(entityTags),
  // Cookies of requests and responses.
  () => (server) => server.register(fastifyCookie),
  // CORS headers, and 204 for a preflight. Exception to the order: its hook runs before those of all others.
  ({ app, env }) => use(cors, { app, origins: env.corsOrigins }),
  // X-Cache.
  () => use(cacheStatus),
  // Responses of @ServeFromCache routes from the cache, before Nest handles the request.
  ({ app }) => use(cachedResponses, { app }),
  // Views of @TrackView routes.
  ({ get }) => use(viewTracking, { counter: get(ViewCounter), recent: get(RecentPlaces) }),
  // GET /metrics.
  ({ get, env }) => use(metricsRoute, { metrics: get(Metrics), token: env.metricsToken }),
  // GET /docs, and the OpenAPI document.
  ({ app }) => use(openApi, { app }),
  // Bull Board. After all hooks: its scope has only those that exist when it is registered.
  ({ get }) => use(queueBoard, { board: get(QueueBoard) }),
  // WebSocket handshakes, which run none of the hooks.
  ({ get, env }) => use(sockets, { notifications: get(NotificationSockets), trustedProxies: env.trustedProxies }),
];

/**
 * Registers all plugins. Each is loaded before the next, and all before Nest adds its routes (at `init`): hooks for new
 * routes miss those that exist already.
 */
export async function registerPlugins(app: NestFastifyApplication, pino: Logger): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  const get = <T>(token: Type<T>): T => app.get(token, { strict: false });
  for (const plugin of PLUGINS) await plugin({ app, env: get(Env), pino, get })(server);
}

function isSignedBy(verifier: AccessTokenVerifier): (request: FastifyRequest) => boolean {
  return (request) => verifier.signedClaims(request) !== null;
}

/** `fastifyPlugin` makes the hooks of a plugin apply to the whole server instead of to its own scope. */
function use(plugin: (server: FastifyInstance) => void): Registration;
function use<O extends object>(plugin: (server: FastifyInstance, options: O) => void, options: O): Registration;
function use(plugin: (server: FastifyInstance, options: object) => void, options: object = {}): Registration {
  return (server) => server.register(fastifyPlugin(plugin), options);
}
