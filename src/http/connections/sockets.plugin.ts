import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { preferredLanguage } from '../../common/index.js';
import type { NotificationSockets } from '../../notifications/index.js';
import { makeRequestId } from '../../observability/index.js';
import { refusalOf } from '../requests/head-checks.plugin.js';
import { answerAndClose } from './client-error.js';
import { TrustedProxies } from './trusted-proxies.js';
import { followResponses, serveWithoutUpgrade } from './upgrades.js';

interface SocketOptions {
  readonly notifications: NotificationSockets;
  readonly trustedProxies: readonly string[];
}

/**
 * Passes WebSocket handshakes to the notifications; serves all other requests for an upgrade, and handshakes whose head
 * is refused, as plain requests, so that they get the regular response.
 */
export function sockets({ server }: FastifyInstance, { notifications, trustedProxies }: SocketOptions): void {
  const proxies = new TrustedProxies(trustedProxies);
  followResponses(server);
  server.on('upgrade', (request, socket: Socket, head) => {
    if (!notifications.serves(request) || refusalOf(request) !== undefined) {
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
        answerAndClose(socket, error, { language, requestId, headers: { ...headers, Vary: 'Accept-Language' } });
      },
    });
  });
}
