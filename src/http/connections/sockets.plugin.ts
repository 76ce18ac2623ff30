import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { preferredLanguage } from '../../common/index.js';
import type { NotificationSockets } from '../../notifications/index.js';
import { makeRequestId } from '../../observability/index.js';
import { headErrorOf } from '../requests/head-checks.plugin.js';
import { handleClientError, respondAndClose } from './client-error.js';
import { TrustedProxies } from './trusted-proxies.js';
import { trackResponses, serveWithoutUpgrade } from './upgrades.js';

interface SocketOptions {
  readonly notifications: NotificationSockets;
  readonly trustedProxies: readonly string[];
}

/**
 * Passes WebSocket handshakes to `NotificationSockets`. All other upgrade requests, and handshakes with an invalid
 * head, are served as plain HTTP requests, so that they get the regular response. `CONNECT`, for which Node detaches
 * the connection too, is rejected: this server is no proxy.
 */
export function sockets({ server }: FastifyInstance, { notifications, trustedProxies }: SocketOptions): void {
  const proxies = new TrustedProxies(trustedProxies);
  trackResponses(server);
  server.on('connect', (_request, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    handleClientError(new Error('CONNECT to a server that is no proxy'), socket);
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    if (!notifications.serves(request) || headErrorOf(request) !== undefined) {
      serveWithoutUpgrade(server, request, socket, head);
      return;
    }
    notifications.admit({
      request,
      socket,
      head,
      ...proxies.sourceOf(request),
      refuse: (error, headers) => {
        const language = preferredLanguage(request.headers['accept-language']);
        const requestId = makeRequestId(request);
        respondAndClose(socket, error, { language, requestId, headers: { ...headers, Vary: 'Accept-Language' } });
      },
    });
  });
}
