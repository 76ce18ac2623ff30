import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ServiceUnavailableError } from '../../common/index.js';
import { Metrics } from '../../observability/index.js';
import type { Frame, LiveConnection, Transport } from './live-connection.js';

/** Maximum connections per user, more than anyone has devices; one more closes the oldest. */
const MAX_PER_USER = 20;
const HEARTBEAT_INTERVAL_MS = 15_000;

const TRANSPORTS: readonly Transport[] = ['stream', 'socket'];

/** Registry of the live connections of this process; at most 20 per user. */
@Injectable()
export class LiveConnections implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Notifications');
  private readonly byUser = new Map<string, Set<LiveConnection>>();
  private readonly sent = { stream: 0, socket: 0 };
  private readonly slowDisconnects = { stream: 0, socket: 0 };
  private heartbeatTimer: NodeJS.Timeout | undefined;
  private isShutDown = false;

  constructor(private readonly metrics: Metrics) {}

  get userIds(): string[] {
    return [...this.byUser.keys()];
  }

  all(): LiveConnection[] {
    return [...this.byUser.values()].flatMap((connections) => [...connections]);
  }

  of(userId: string): Iterable<LiveConnection> {
    return this.byUser.get(userId) ?? [];
  }

  /** @throws ServiceUnavailableError if the process is shutting down */
  assertNotShutDown(): void {
    if (this.isShutDown) throw new ServiceUnavailableError();
  }

  /** Registers a connection until it is closed. */
  add(connection: LiveConnection): void {
    const { userId } = connection.user;
    const connections = this.byUser.get(userId) ?? new Set();
    this.byUser.set(userId, connections.add(connection));
    connection.onClose(() => this.remove(connection));
    const [oldest] = connections;
    if (connections.size > MAX_PER_USER && oldest !== undefined) {
      oldest.end('too-many');
      this.remove(oldest);
    }
    if (this.isShutDown) connection.end('shutdown');
    if (connection.isClosed) this.remove(connection);
  }

  send(connection: LiveConnection, frame: Frame): void {
    if (connection.isClosed) return;
    connection.send(frame);
    this.sent[connection.transport] += 1;
  }

  /** Disconnects a client that does not read; it gets the missed notifications when it reconnects. */
  disconnectSlow(connection: LiveConnection): void {
    if (connection.isClosed) return;
    this.slowDisconnects[connection.transport] += 1;
    const { transport, pendingBytes, user: { userId } } = connection;
    this.logger.debug(`slow client disconnected: user=${userId} transport=${transport} unreadBytes=${pendingBytes}`);
    connection.terminate();
    this.remove(connection);
  }

  onModuleInit(): void {
    const add = (name: string, type: 'counter' | 'gauge', help: string, read: (transport: Transport) => number) =>
      this.metrics.add({
        name: `ecogreen_notification_${name}`,
        help,
        type,
        read: () => TRANSPORTS.map((transport) => ({ labels: { transport }, value: read(transport) })),
      });
    add('connections', 'gauge', 'Connected clients.', (transport) => {
      return this.all().filter((connection) => connection.transport === transport).length;
    });
    add('sent_total', 'counter', 'Notifications sent to connected clients.', (transport) => this.sent[transport]);
    add('slow_disconnects_total', 'counter', 'Clients disconnected because they did not read.', (transport) => {
      return this.slowDisconnects[transport];
    });
  }

  onApplicationBootstrap(): void {
    this.heartbeatTimer = setInterval(() => {
      for (const connection of this.all()) connection.heartbeat();
    }, HEARTBEAT_INTERVAL_MS).unref();
  }

  /** Closes all connections, so that the HTTP server, which waits for them, can close. */
  beforeApplicationShutdown(): void {
    this.isShutDown = true;
    clearInterval(this.heartbeatTimer);
    for (const connection of this.all()) connection.end('shutdown');
  }

  private remove(connection: LiveConnection): void {
    const connections = this.byUser.get(connection.user.userId);
    connections?.delete(connection);
    if (connections?.size === 0) this.byUser.delete(connection.user.userId);
  }
}
