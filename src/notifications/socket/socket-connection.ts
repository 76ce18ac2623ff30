import type { WebSocket } from 'ws';
import type { AuthUser } from '../../common/index.js';
import type { EndReason, Frame, LiveConnection } from '../live/live-connection.js';

/** Close timeout; then a client that has not completed the closing handshake is disconnected. */
const CLOSE_TIMEOUT_MS = 500;

/** WebSocket close codes; application-specific ones are 4000 plus the corresponding HTTP status. */
export const CLOSE_CODES = {
  malformed: 4400,
  'session-ended': 4401,
  'too-many': 4429,
  shutdown: 1001,
} as const satisfies Record<EndReason | 'malformed', number>;

/** Connection over an authenticated WebSocket. */
export class SocketConnection implements LiveConnection {
  readonly transport = 'socket';
  private hasPonged = true;

  /** @param position sent in the first message, for a client whose connection drops before its first event */
  constructor(
    readonly user: AuthUser,
    private readonly socket: WebSocket,
    position: number,
  ) {
    socket.on('pong', () => (this.hasPonged = true));
    socket.send(JSON.stringify({ id: position, event: 'connected' }));
  }

  get pendingBytes(): number {
    return this.socket.bufferedAmount;
  }

  get isClosed(): boolean {
    return this.socket.readyState !== this.socket.OPEN;
  }

  send(frame: Frame): void {
    this.socket.send(frame.asMessage);
  }

  /** Sends a ping; terminates the connection if the previous ping got no pong. */
  heartbeat(): void {
    if (!this.hasPonged) this.terminate();
    else this.socket.ping();
    this.hasPonged = false;
  }

  end(reason: EndReason): void {
    closeSocket(this.socket, CLOSE_CODES[reason], reason);
  }

  terminate(): void {
    this.socket.terminate();
  }

  onClose(listener: () => void): void {
    this.socket.once('close', listener);
  }
}

/** Starts the closing handshake, and terminates the socket 500 ms later if it is still open. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
}
