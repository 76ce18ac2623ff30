import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Maximum number of queued pipelined requests; more than any client in use sends. */
const MAX_QUEUED = 20;

/**
 * A client connection. Handles its requests sequentially: Node would start all that arrive in one chunk, more than a
 * thousand, and buffer every response until the client has read the first.
 */
export class Connection {
  /** True once the client has requested another protocol: Node no longer manages the connection. */
  isUpgraded = false;
  private readonly queued: (readonly [IncomingMessage, ServerResponse])[] = [];
  private current: ServerResponse | undefined;
  private isClosing = false;
  private unread: { readonly response: ServerResponse; readonly sinceMs: number } | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly handle: RequestListener,
  ) {}

  /** Whether the connection carries something that does not end by itself: an event stream or a WebSocket. */
  get isStreaming(): boolean {
    const { current } = this;
    if (current === undefined || current.writableFinished || current.destroyed) return this.isUpgraded;
    return current.headersSent && !current.writableEnded;
  }

  /**
   * Handles a request once the responses to earlier ones are sent. When the queue is full, destroys the connection:
   * Node parses and buffers all requests that arrive, and no response follows if the current one is a stream.
   */
  add(request: IncomingMessage, response: ServerResponse): void {
    if (this.socket.destroyed) return;
    if (this.isClosing) response.shouldKeepAlive = false;
    if (this.queued.length === MAX_QUEUED) {
      this.socket.destroy();
    } else if (this.queued.length > 0) {
      this.queued.push([request, response]);
    } else if (this.current === undefined || this.current.writableFinished) {
      this.current = response;
      this.handle(request, response);
    } else {
      this.current.once('close', () => this.next());
      this.queued.push([request, response]);
    }
  }

  /** Sets `Connection: close` on the current response, if its headers are not sent yet, and on all that follow. */
  closeAfterResponse(): void {
    this.isClosing = true;
    if (this.current?.headersSent === false) this.current.shouldKeepAlive = false;
    for (const [, response] of this.queued) response.shouldKeepAlive = false;
  }

  /** Whether a finished response has been left unread by the client for `timeoutMs`; must be called periodically. */
  hasUnreadResponse(nowMs: number, timeoutMs: number): boolean {
    const { current } = this;
    if (current?.writableEnded !== true || current.writableFinished) {
      this.unread = undefined;
      return false;
    }
    if (this.unread?.response !== current) this.unread = { response: current, sinceMs: nowMs };
    return nowMs - this.unread.sinceMs >= timeoutMs;
  }

  private next(): void {
    const [request, response] = this.queued.shift() ?? [];
    if (request === undefined || response === undefined || this.socket.destroyed) return;
    this.current = response;
    if (this.queued.length > 0) response.once('close', () => this.next());
    this.handle(request, response);
  }
}
