import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  answerAndClose, AppError, followResponses, isSameOrigin, OriginNotAllowedError, preferredLanguage,
  refusalOf, serveWithoutUpgrade, ServiceUnavailableError, TrustedProxies,
} from '../../common/index.js';
import { Env } from '../../config/index.js';
import { makeRequestId } from '../../observability/index.js';
import { Broadcast } from '../live/broadcast.js';
import { LiveConnections } from '../live/live-connections.js';
import { positionOf, type GivenPosition } from '../live/position.js';
import { InvalidHandshakeError } from '../notifications.errors.js';
import { CLOSE_CODES, closeSocket, SocketConnection } from './socket-connection.js';
import { SocketLogin, type Handshake, type LogIn } from './socket-login.js';

const PATH = '/api/v1/notifications/socket';
const GREETING_MS = 5_000;
/** Frame size limit; a client sends only an access token and an id. */
const MAX_PAYLOAD_BYTES = 4_096;
const TRY_AGAIN_LATER = 1013;

/** Accepts WebSocket connections on the port of the HTTP server. */
@Injectable()
export class NotificationSockets implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly proxies: TrustedProxies;
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES });

  constructor(
    private readonly http: HttpAdapterHost,
    private readonly login: SocketLogin,
    private readonly broadcast: Broadcast,
    private readonly connections: LiveConnections,
    private readonly env: Env,
  ) {
    this.proxies = new TrustedProxies(env.trustedProxies);
  }

  onApplicationBootstrap(): void {
    // Without an HTTP server, as in a worker, there are no sockets.
    const adapter = this.http.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined;
    const server = adapter?.getHttpServer() as Server | undefined;
    if (server === undefined) return;
    followResponses(server);
    server.on('upgrade', (request, socket: Socket, head) => {
      // The regular route sends the regular problem response.
      if (!isHandshake(request)) serveWithoutUpgrade(server, request, socket, head);
      else this.admit(request, socket, head);
    });
    this.sockets.on('wsClientError', (error, socket, request) => {
      refuse(request, socket, new InvalidHandshakeError(error));
    });
  }

  /** Closes every socket, including unauthenticated ones, which `LiveConnections` does not know. */
  beforeApplicationShutdown(): void {
    for (const client of this.sockets.clients) closeSocket(client, CLOSE_CODES.shutdown, 'shutdown');
  }

  /**
   * Checks the origin and the rate limit, then upgrades. Cross-origin pages may connect if they are in `CORS_ORIGINS`,
   * as for the refresh cookie.
   */
  private admit(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { headers } = request;
    const { address, host } = this.proxies.sourceOf(request);
    if (!isSameOrigin({ headers, host }, this.env.corsOrigins)) {
      refuse(request, socket, new OriginNotAllowedError());
      return;
    }
    let limits: Record<string, string> = {};
    const noteLimits = (noted: Record<string, string>) => (limits = noted);
    void this.login.countHandshake(headers.authorization, address, noteLimits).then((logIn) => {
      if (logIn instanceof AppError) refuse(request, socket, logIn, limits);
      else {
        this.sockets.handleUpgrade(request, socket, head, (client) => {
          void this.authenticate(client, request, logIn);
        });
      }
    });
  }

  private async authenticate(client: WebSocket, request: IncomingMessage, logIn: LogIn): Promise<void> {
    const { headers } = request;
    client.on('error', () => client.terminate());
    try {
      const greeting = headers.authorization === undefined ? await readHandshake(client) : {};
      this.connections.refuseWhenShutDown();
      const user = await logIn(greeting);
      const given = positionOf({ frame: greeting.lastEventId, ...positionsIn(request) });
      const position = await this.broadcast.positionAfter(user, given);
      if (client.readyState !== client.OPEN) return;
      await this.broadcast.join(new SocketConnection(user, client, position), position);
    } catch (error) {
      const { kind, code } = error instanceof AppError ? error : new ServiceUnavailableError(error);
      closeSocket(client, closeCodeOf(kind), code);
    }
  }
}

/** Whether a request is a handshake for this WebSocket. False if its head is refused: it gets the problem response. */
function isHandshake(request: IncomingMessage): boolean {
  const { method, url, headers } = request;
  const isOurs = method === 'GET' && url?.split('?', 1)[0] === PATH && headers.upgrade?.toLowerCase() === 'websocket';
  return isOurs && refusalOf(request) === undefined;
}

function refuse(request: IncomingMessage, socket: Duplex, error: AppError, limits: Record<string, string> = {}): void {
  const language = preferredLanguage(request.headers['accept-language']);
  const headers = { ...limits, Vary: 'Accept-Language' };
  answerAndClose(socket, error, { language, requestId: makeRequestId(request), headers });
}

function closeCodeOf(kind: AppError['kind']): number {
  if (kind === 'bad-request') return CLOSE_CODES.malformed;
  return kind === 'unauthenticated' ? CLOSE_CODES['session-ended'] : TRY_AGAIN_LATER;
}

function positionsIn({ headers, url = '' }: IncomingMessage): Pick<GivenPosition, 'header' | 'query'> {
  const given = new URLSearchParams(url.split('?', 2)[1]).getAll('lastEventId');
  return { header: headers['last-event-id'], query: given.length > 1 ? given : given[0] };
}

/** Handshake in the first frame, for browsers, which cannot send headers; empty on timeout or malformed content. */
async function readHandshake(client: WebSocket): Promise<Handshake> {
  try {
    const [text] = (await once(client, 'message', { signal: AbortSignal.timeout(GREETING_MS) })) as [Buffer];
    const words: unknown = JSON.parse(text.toString());
    return typeof words === 'object' && words !== null ? words : {};
  } catch {
    return {};
  }
}
