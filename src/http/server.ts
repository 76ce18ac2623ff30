import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { compile } from '@fastify/proxy-addr';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Env } from '../config/index.js';
import { makeRequestId } from '../observability/index.js';
import { clientNetwork } from '../rate-limit/index.js';
import { handleClientError } from './connections/client-error.js';
import { HttpConnections, type ConnectionLimits } from './connections/http-connections.js';
import { acceptAnyHead } from './requests/head-checks.plugin.js';
import { parseQuery, routableTarget, UNREADABLE_TARGET } from './requests/request-target.js';

const BODY_LIMIT_BYTES = 100_000;
const SERVER: ServerOptions = {
  // Time for a complete request to arrive: 30 s, including the check interval, whose default is 30 s. Node applies the
  // longer of the two limits to the whole request; its default for the headers is 60 s.
  requestTimeout: 29_000,
  headersTimeout: 29_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the idle timeout of proxies (nginx: 60 s), so that the proxy closes the connection first.
  keepAliveTimeout: 72_000,
  // Node's own rejection has no body; `headChecks` rejects instead.
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
    // There is no middleware; the search for it would cost time in every request.
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
