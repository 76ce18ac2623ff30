import type { FastifyReply } from 'fastify';
import type { AuthUser } from '../../common/index.js';
import type { EndReason, Frame, LiveConnection } from '../live/live-connection.js';

/** How long a client waits before it comes back. */
const RETRY_MS = 2_000;
/** Who does not read is waited for no longer than that. */
const GOODBYE_MS = 500;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies that compress (webpack-dev-server, `compression`) would keep events back until they have enough of them.
  'cache-control': 'no-store, no-transform',
  // nginx would keep events back until it has a buffer full of them.
  'x-accel-buffering': 'no',
};

/**
 * An answer that does not end: server-sent events, written to the response itself. Nest's own `@Sse()` would format
 * each event once for each client, through a stream of its own.
 */
export class EventStream implements LiveConnection {
  readonly transport = 'stream';
  private readonly response: FastifyReply['raw'];

  /**
   * Begins the answer, with the headers that hooks have given it.
   * @param position written as the id of a block without data: `EventSource` keeps it, so a client whose connection
   * drops before the first event comes back with it
   */
  constructor(
    readonly user: AuthUser,
    reply: FastifyReply,
    position: number,
  ) {
    const headers = reply.getHeaders();
    reply.hijack();
    this.response = reply.raw;
    // What is written to a client that has gone fails here; its end is told by `close`.
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
    // What was sent before may never be read.
    setTimeout(() => this.response.destroy(), GOODBYE_MS).unref();
  }

  terminate(): void {
    this.response.destroy();
  }

  onClose(listener: () => void): void {
    this.response.once('close', listener);
  }
}
