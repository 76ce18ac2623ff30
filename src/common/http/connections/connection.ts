import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Pipelined requests that wait for the one before; more than any client in use sends. */
const MAX_WAITING = 20;

/**
 * One connection of a client. Its requests are handled one after the other: Node would begin all that arrive in one
 * chunk, more than a thousand, and hold every answer until the first has been read.
 */
export class Connection {
  /** Set when the client has asked for another protocol: Node knows nothing of the connection any more. */
  isUpgraded = false;
  private readonly waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  private current: ServerResponse | undefined;
  private isClosing = false;
  private unread: { readonly response: ServerResponse; readonly sinceMs: number } | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly handle: RequestListener,
  ) {}

  /** Whether what it carries does not end by itself: an event stream or a WebSocket. */
  get isStreaming(): boolean {
    const { current } = this;
    if (current === undefined || current.writableFinished || current.destroyed) return this.isUpgraded;
    return current.headersSent && !current.writableEnded;
  }

  /**
   * Handles a request when those before it are answered. One beyond the bound destroys the connection: Node parses and
   * holds all that arrive, and the answer under way may be a stream, behind which none is ever sent.
   */
  add(request: IncomingMessage, response: ServerResponse): void {
    if (this.socket.destroyed) return;
    if (this.isClosing) response.shouldKeepAlive = false;
    if (this.waiting.length === MAX_WAITING) {
      this.socket.destroy();
    } else if (this.waiting.length > 0) {
      this.waiting.push([request, response]);
    } else if (this.current === undefined || this.current.writableFinished) {
      this.current = response;
      this.handle(request, response);
    } else {
      this.current.once('close', () => this.next());
      this.waiting.push([request, response]);
    }
  }

  /** Has the answer under way, and all that follow, say `Connection: close`. */
  closeAfterAnswer(): void {
    this.isClosing = true;
    if (this.current?.headersSent === false) this.current.shouldKeepAlive = false;
    for (const [, response] of this.waiting) response.shouldKeepAlive = false;
  }

  /** Whether the client has left a finished answer unread for `limitMs`; to be asked every now and then. */
  leavesUnread(nowMs: number, limitMs: number): boolean {
    const { current } = this;
    if (current?.writableEnded !== true || current.writableFinished) {
      this.unread = undefined;
      return false;
    }
    if (this.unread?.response !== current) this.unread = { response: current, sinceMs: nowMs };
    return nowMs - this.unread.sinceMs >= limitMs;
  }

  private next(): void {
    const [request, response] = this.waiting.shift() ?? [];
    if (request === undefined || response === undefined || this.socket.destroyed) return;
    this.current = response;
    if (this.waiting.length > 0) response.once('close', () => this.next());
    this.handle(request, response);
  }
}
