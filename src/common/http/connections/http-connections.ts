import type { RequestListener, Server } from 'node:http';
import { Server as TcpServer, type Socket } from 'node:net';
import { Connection } from './connection.js';

export interface ConnectionLimits {
  /** Open connections of one client at a time; 0 for no limit. */
  readonly perClient: number;
  /** What stands for the client at a peer's address; undefined for a peer without a limit, such as a trusted proxy. */
  clientOf(address: string | undefined): string | undefined;
  /** Time a client has for reading an answer that is complete. */
  readonly readMs?: number;
}

const READ_MS = 60_000;
const CHECKS_PER_LIMIT = 10;
/** Time for requests under way, and for those that come on open connections, when the process ends. */
const GRACE_MS = 5_000;
/** Time for what is still open after a drain. */
const LAST_GRACE_MS = 1_000;
const DRAIN_CHECK_MS = 50;

/**
 * All connections of a server: bounds how many a client has and what each can hold, and closes them in order when
 * the process ends.
 */
export class HttpConnections {
  private readonly open = new Map<Socket, Connection>();
  private readonly counts = new Map<string, number>();
  private readonly servers: Server[] = [];
  private closingSinceMs: number | undefined;
  private refusals = 0;

  constructor(private readonly limits: ConnectionLimits) {}

  /** Connections that were refused, since their client had too many. */
  get refused(): number {
    return this.refusals;
  }

  /** Has a server handle its requests under the limits. A host name can stand for two addresses, hence two servers. */
  serve(server: Server, handle: RequestListener): Server {
    this.servers.push(server);
    server.on('connection', (socket: Socket) => this.admit(socket, handle));
    server.on('upgrade', (_request, socket: Socket) => this.noteUpgrade(socket));
    server.on('request', (request, response) => this.open.get(request.socket)?.add(request, response));
    const { readMs = READ_MS } = this.limits;
    const checks = setInterval(() => this.cutUnread(readMs), readMs / CHECKS_PER_LIMIT).unref();
    server.once('close', () => clearInterval(checks));
    return server;
  }

  /**
   * Takes no more connections, and answers what arrives on those there are, each time with `Connection: close`, until
   * only streams are left, at most for five seconds. An idle connection stays open as long as that: a request that is
   * already on its way would be reset.
   */
  async drain(): Promise<void> {
    this.closeAfterAnswers();
    // That of http.Server would close idle connections at once.
    for (const server of this.servers) TcpServer.prototype.close.call(server);
    const untilMs = performance.now() + GRACE_MS;
    const isOver = () => performance.now() >= untilMs || [...this.open.values()].every((each) => each.isStreaming);
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
  }

  /**
   * Has nothing keep a server open that closes, but for requests under way, at most for five seconds, those of a drain
   * included. Node counts a connection on which nothing was ever asked, as browsers open them in advance, as busy, and
   * does not know one that was asked for another protocol.
   */
  close(): void {
    this.closeAfterAnswers();
    const passedMs = performance.now() - (this.closingSinceMs ?? 0);
    for (const socket of this.open.keys()) if (socket.bytesRead === 0) socket.destroy();
    const cutAll = () => this.open.forEach((_connection, socket) => socket.destroy());
    setTimeout(cutAll, Math.max(GRACE_MS - passedMs, LAST_GRACE_MS)).unref();
  }

  private closeAfterAnswers(): void {
    this.closingSinceMs ??= performance.now();
    for (const connection of this.open.values()) connection.closeAfterAnswer();
  }

  private noteUpgrade(socket: Socket): void {
    const connection = this.open.get(socket);
    if (connection !== undefined) connection.isUpgraded = true;
  }

  private admit(socket: Socket, handle: RequestListener): void {
    const known = this.open.get(socket);
    if (known !== undefined) {
      // It was to be upgraded, and was not: `serveWithoutUpgrade` has given it back.
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
    if (this.closingSinceMs !== undefined) connection.closeAfterAnswer();
    this.open.set(socket, connection);
    if (client !== undefined) this.counts.set(client, count + 1);
    socket.once('close', () => this.forget(socket, client));
  }

  private forget(socket: Socket, client: string | undefined): void {
    this.open.delete(socket);
    if (client === undefined) return;
    const left = (this.counts.get(client) ?? 1) - 1;
    if (left === 0) this.counts.delete(client);
    else this.counts.set(client, left);
  }

  private cutUnread(limitMs: number): void {
    const nowMs = performance.now();
    for (const [socket, connection] of this.open) if (connection.leavesUnread(nowMs, limitMs)) socket.destroy();
  }
}
