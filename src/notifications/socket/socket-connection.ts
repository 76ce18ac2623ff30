import type { WebSocket } from 'ws';
import type { AuthUser } from '../../common/index.js';
import type { EndReason, Frame, LiveConnection } from '../live/live-connection.js';

/** A client that does not say goodbye is left alone after that. */
const GOODBYE_MS = 500;

/** Close codes; those from 4000 on are ours, 4000 and the HTTP status that says the same. */
export const CLOSE_CODES = {
  malformed: 4400,
  'session-ended': 4401,
  'too-many': 4429,
  shutdown: 1001,
} as const satisfies Record<EndReason | 'malformed', number>;

/** A WebSocket whose client has shown who he is. */
export class SocketConnection implements LiveConnection {
  readonly transport = 'socket';
  private isHeard = true;

  /** @param position sent in the greeting, for a client whose connection drops before its first event */
  constructor(
    readonly user: AuthUser,
    private readonly socket: WebSocket,
    position: number,
  ) {
    socket.on('pong', () => (this.isHeard = true));
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

  /** Cuts who has not answered the last one. */
  heartbeat(): void {
    if (!this.isHeard) this.terminate();
    else this.socket.ping();
    this.isHeard = false;
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

/** Says goodbye, and waits only a moment for the answer. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
}
