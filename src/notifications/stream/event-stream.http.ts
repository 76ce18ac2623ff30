import type { FastifyReply } from 'fastify';
import type { AuthUser } from '../../common/index.js';
import type { EndReason, Frame, LiveConnection } from '../live/live-connection.js';

/** Reconnection delay of the client (`retry` field). */
const RETRY_MS = 2_000;
/** Close timeout; then the response is destroyed even if the client has not read it. */
const CLOSE_TIMEOUT_MS = 500;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Without no-transform, compressing proxies (webpack-dev-server, `compression`) buffer events.
  'cache-control': 'no-store, no-transform',
  // Otherwise nginx sends events only once its buffer is full.
  'x-accel-buffering': 'no',
};

/**
 * Server-sent events, written to the raw response. Nest's `@Sse()` would serialize each event once per client, through
 * a separate stream.
 */
export class EventStream implements LiveConnection {
  readonly transport = 'stream';
  private readonly response: FastifyReply['raw'];

  /**
   * Starts the response, with the headers set by hooks.
   * @param position sent as the id of a block without data: `EventSource` stores it, so that a client whose connection
   * drops before the first event reconnects with it
   */
  constructor(
    readonly user: AuthUser,
    reply: FastifyReply,
    position: number,
  ) {
    const headers = reply.getHeaders();
    reply.hijack();
    this.response = reply.raw;
    // Writes to a disconnected client fail here; `close` reports the disconnect.
    this.response.on('error', () => undefined);
    this.response.writeHead(200, { ...headers, ...HEADERS } as Record<string, string>);
    this.response.write(`retry: ${RETRY_MS}\n: connected\nid: ${position}\n\n`);
  }

  get pendingBytes(): number {
    return this.response.writableLength;
  }

  get isClosed(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  send(frame: Frame): void {
    this.response.write(frame.asEvent);
  }

  heartbeat(): void {
    this.response.write(': heartbeat\n\n');
  }

  end(reason: EndReason): void {
    this.response.end(`: ${reason}\n\n`);
    // The client may never read the data sent before.
    setTimeout(() => this.response.destroy(), CLOSE_TIMEOUT_MS).unref();
  }

  terminate(): void {
    this.response.destroy();
  }

  onClose(listener: () => void): void {
    this.response.once('close', listener);
  }
}
