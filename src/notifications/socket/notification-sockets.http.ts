import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppError, isSameOrigin, OriginNotAllowedError, ServiceUnavailableError, settlesWithin } from '../../common/index.js';
import { Env } from '../../config/index.js';
import { Broadcast } from '../live/broadcast.js';
import { LiveConnections } from '../live/live-connections.js';
import { positionOf, type GivenPosition } from '../live/position.js';
import { InvalidHandshakeError } from '../notifications.errors.js';
import { CLOSE_CODES, closeSocket, SocketConnection } from './socket-connection.js';
import { SocketLogin, type LoginMessage, type LogIn } from './socket-login.js';

const PATH = '/api/v1/notifications/socket';
const LOGIN_TIMEOUT_MS = 5_000;
/** Frame size limit; a client sends only an access token and an id. */
const MAX_PAYLOAD_BYTES = 4_096;
const TRY_AGAIN_LATER = 1013;

/** A handshake to which no response has been sent yet. */
export interface PendingHandshake {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  /** First bytes after the request. */
  readonly head: Buffer;
  /** Client address; undefined if the connection is lost. */
  readonly address: string | undefined;
  /** Requested host. */
  readonly host: string;
  /** Sends a problem response with these headers and those of the error, then closes the connection. */
  refuse(error: AppError, headers?: Readonly<Record<string, string>>): void;
}

/** Accepts WebSocket connections on the port of the HTTP server. */
@Injectable()
export class NotificationSockets implements BeforeApplicationShutdown {
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES });
  private readonly pending = new WeakMap<IncomingMessage, PendingHandshake>();

  constructor(
    private readonly login: SocketLogin,
    private readonly broadcast: Broadcast,
    private readonly connections: LiveConnections,
    private readonly env: Env,
  ) {
    this.sockets.on('wsClientError', (error, _socket, request) => {
      this.pending.get(request)?.refuse(new InvalidHandshakeError(error));
    });
  }

  /** Whether a request is a handshake for this WebSocket. */
  serves({ method, url, headers }: IncomingMessage): boolean {
    return method === 'GET' && url?.split('?', 1)[0] === PATH && headers.upgrade?.toLowerCase() === 'websocket';
  }

  /** Closes every socket, including unauthenticated ones, which `LiveConnections` does not know. */
  beforeApplicationShutdown(): void {
    for (const client of this.sockets.clients) closeSocket(client, CLOSE_CODES.shutdown, 'shutdown');
  }

  /**
   * Checks the origin and the rate limit, then upgrades. Cross-origin pages may connect if they are in `CORS_ORIGINS`,
   * as for the refresh cookie.
   */
  admit(handshake: PendingHandshake): void {
    const { request, socket, head, address, host } = handshake;
    socket.on('error', () => socket.destroy());
    const { headers } = request;
    if (!isSameOrigin({ headers, host }, this.env.corsOrigins)) {
      handshake.refuse(new OriginNotAllowedError());
      return;
    }
    let limits: Record<string, string> = {};
    const onLimits = (headers: Record<string, string>) => (limits = headers);
    void this.login.countHandshake(headers.authorization, address, onLimits).then((logIn) => {
      if (logIn instanceof AppError) {
        handshake.refuse(logIn, limits);
        return;
      }
      this.pending.set(request, handshake);
      this.sockets.handleUpgrade(request, socket, head, (client) => {
        void this.authenticate(client, request, logIn);
      });
    });
  }

  private async authenticate(client: WebSocket, request: IncomingMessage, logIn: LogIn): Promise<void> {
    const { headers } = request;
    client.on('error', () => client.terminate());
    try {
      const message = headers.authorization === undefined ? await readLoginMessage(client) : {};
      this.connections.assertNotShutDown();
      const user = await logIn(message);
      const given = positionOf({ frame: message.lastEventId, ...positionsIn(request) });
      const position = await this.broadcast.positionAfter(user, given);
      if (client.readyState !== client.OPEN) return;
      await this.broadcast.join(new SocketConnection(user, client, position), position);
    } catch (error) {
      const { kind, code } = error instanceof AppError ? error : new ServiceUnavailableError(error);
      closeSocket(client, closeCodeOf(kind), code);
    }
  }
}

function closeCodeOf(kind: AppError['kind']): number {
  if (kind === 'bad-request') return CLOSE_CODES.malformed;
  return kind === 'unauthenticated' ? CLOSE_CODES['session-ended'] : TRY_AGAIN_LATER;
}

function positionsIn({ headers, url = '' }: IncomingMessage): Pick<GivenPosition, 'header' | 'query'> {
  const given = new URLSearchParams(url.split('?', 2)[1]).getAll('lastEventId');
  return { header: headers['last-event-id'], query: given.length > 1 ? given : given[0] };
}

/** Login message in the first frame, for browsers, which cannot send headers; empty on timeout or malformed content. */
async function readLoginMessage(client: WebSocket): Promise<LoginMessage> {
  try {
    const frame = once(client, 'message');
    if (!(await settlesWithin(frame, LOGIN_TIMEOUT_MS))) return {};
    const [text] = (await frame) as [Buffer];
    const parsed: unknown = JSON.parse(text.toString());
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
