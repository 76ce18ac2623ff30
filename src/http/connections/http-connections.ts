import type { RequestListener, Server } from 'node:http';
import { Server as TcpServer, type Socket } from 'node:net';
import { Connection } from './connection.js';

export interface ConnectionLimits {
  /** Maximum number of open connections per client; 0 for no limit. */
  readonly perClient: number;
  /** Client key for a peer's address; undefined for a peer without a limit, such as a trusted proxy. */
  clientOf(address: string | undefined): string | undefined;
  /** Time a client has to read a finished response; 60 s by default. */
  readonly readTimeoutMs?: number;
}

const READ_TIMEOUT_MS = 60_000;
/** Number of checks for unread responses per read timeout. */
const CHECKS_PER_TIMEOUT = 10;
/** Grace period at shutdown for active requests and for those that arrive on open connections. */
const GRACE_MS = 5_000;
/** Minimum grace period for connections that are still open after a drain. */
const MIN_GRACE_MS = 1_000;
const DRAIN_CHECK_MS = 50;

/**
 * All connections of a server: limits their number per client and the resources each can hold, and closes them
 * gracefully at shutdown.
 */
export class HttpConnections {
  private readonly open = new Map<Socket, Connection>();
  private readonly counts = new Map<string, number>();
  private readonly servers: Server[] = [];
  private closingSinceMs: number | undefined;
  private refusals = 0;

  constructor(private readonly limits: ConnectionLimits) {}

  /** Number of connections rejected because their client had too many. */
  get refused(): number {
    return this.refusals;
  }

  /** Applies the limits to a server. Called once per server; a host name with two addresses has two servers. */
  serve(server: Server, handle: RequestListener): Server {
    this.servers.push(server);
    server.on('connection', (socket: Socket) => this.admit(socket, handle));
    server.on('upgrade', (_request, socket: Socket) => this.markUpgraded(socket));
    server.on('request', (request, response) => this.open.get(request.socket)?.add(request, response));
    const { readTimeoutMs = READ_TIMEOUT_MS } = this.limits;
    const checks = setInterval(() => this.closeUnread(readTimeoutMs), readTimeoutMs / CHECKS_PER_TIMEOUT).unref();
    server.once('close', () => clearInterval(checks));
    return server;
  }

  /**
   * Accepts no new connections, and responds to requests on open ones with `Connection: close`, until only streams are
   * left, for at most 5 s. Idle connections stay open during that time: closing one would reset a request that is
   * already on its way.
   */
  async drain(): Promise<void> {
    this.closeAfterResponses();
    // `close` of `http.Server` would close idle connections immediately.
    for (const server of this.servers) TcpServer.prototype.close.call(server);
    const untilMs = performance.now() + GRACE_MS;
    const isOver = () => performance.now() >= untilMs || [...this.open.values()].every((each) => each.isStreaming);
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
  }

  /**
   * Ensures that only active requests keep a closing server open, for at most 5 s including a preceding drain, but 1 s
   * at least. Node treats a connection without any request, as browsers open in advance, as busy, and does not track
   * upgraded connections.
   */
  close(): void {
    this.closeAfterResponses();
    const passedMs = performance.now() - (this.closingSinceMs ?? 0);
    for (const socket of this.open.keys()) if (socket.bytesRead === 0) socket.destroy();
    const destroyAll = () => this.open.forEach((_connection, socket) => socket.destroy());
    setTimeout(destroyAll, Math.max(GRACE_MS - passedMs, MIN_GRACE_MS)).unref();
  }

  private closeAfterResponses(): void {
    this.closingSinceMs ??= performance.now();
    for (const connection of this.open.values()) connection.closeAfterResponse();
  }

  private markUpgraded(socket: Socket): void {
    const connection = this.open.get(socket);
    if (connection !== undefined) connection.isUpgraded = true;
  }

  private admit(socket: Socket, handle: RequestListener): void {
    const known = this.open.get(socket);
    if (known !== undefined) {
      // The upgrade was declined: `serveWithoutUpgrade` has returned the connection to the server.
      known.isUpgraded = false;
      return;
    }
    const client = this.limits.perClient === 0 ? undefined : this.limits.clientOf(socket.remoteAddress);
    const count = client === undefined ? 0 : (this.counts.get(client) ?? 0);
    if (client !== undefined && count >= this.limits.perClient) {
      this.refusals += 1;
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, handle);
    if (this.closingSinceMs !== undefined) connection.closeAfterResponse();
    this.open.set(socket, connection);
    if (client !== undefined) this.counts.set(client, count + 1);
    socket.once('close', () => this.remove(socket, client));
  }

  private remove(socket: Socket, client: string | undefined): void {
    this.open.delete(socket);
    if (client === undefined) return;
    const left = (this.counts.get(client) ?? 1) - 1;
    if (left === 0) this.counts.delete(client);
    else this.counts.set(client, left);
  }

  private closeUnread(timeoutMs: number): void {
    const nowMs = performance.now();
    for (const [socket, connection] of this.open) if (connection.hasUnreadResponse(nowMs, timeoutMs)) socket.destroy();
  }
}
