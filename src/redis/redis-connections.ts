import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Cluster, type Redis } from 'ioredis';
import type { BreakerState, CircuitBreaker } from './circuit-breaker.js';
import { ThrottledLogger } from '../common/index.js';
import { countEvents, NO_EVENTS, type ConnectionEvents, type ConnectionStatus } from './connection-status.js';
import { closeConnection, waitUntilReady } from './connection-lifecycle.js';
import { guardConnection } from './guard-connection.js';
import type { GuardedRole, RedisRole } from './inject-redis.decorator.js';
import { observeDuplicates } from './ioredis-patches.js';
import { probeServer } from './readiness-probe.js';
import { createClient, isGuarded, serversOf, type RedisClient } from './redis-client.js';

const FIRST_CONNECT_TIMEOUT_MS = 2_000;
const REFUSAL_LOG_INTERVAL_MS = 60_000;
/** Error replies begin with a code; errors of the connection, which logs its own outages, do not. */
const REPLY_CODE = /^[A-Z]+ /;

/** Opens the Redis connections of the process, logs their events and closes them at shutdown. */
@Injectable()
export class RedisConnections implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Redis');
  private readonly refusals = new ThrottledLogger(this.logger, REFUSAL_LOG_INTERVAL_MS);
  private readonly connections = new Map<RedisRole, RedisClient>();
  private readonly duplicates = new Set<RedisClient>();
  private readonly events = new Map<RedisRole, ConnectionEvents>();
  private readonly breakers: Readonly<Record<GuardedRole, Map<Redis, CircuitBreaker>>> = {
    store: new Map(),
    cache: new Map(),
  };
  /** Names of servers whose connection is lost or whose breaker has opened. */
  private readonly lost = new Set<string>();
  private readonly listeners = new Map<GuardedRole, (() => void)[]>();

  /**
   * Opens a connection that never makes a request wait without a bound: no offline queue, every attempt and wait
   * limited, and a circuit breaker in front of all commands to a server, which rejects them at once while it is open
   * (`RedisUnavailableError`). Roles on which no request waits (`subscriber`, `queue`) have no breaker and wait for
   * their server. The connection is re-established by itself for the lifetime of the process, also after its server has
   * become a replica.
   */
  open(role: RedisRole, url: string): RedisClient {
    const redis = createClient(role, url);
    const events = { ...NO_EVENTS };
    this.events.set(role, events);
    this.connections.set(role, redis);
    this.track(role, redis, events);
    if (!isGuarded(role)) this.trackDuplicates(role, redis, events);
    else if (redis instanceof Cluster) this.guardNodes(role, redis);
    else this.guard(role, redis, role);
    return redis;
  }

  /** Status and event counts of each connection. */
  statuses(): ConnectionStatus[] {
    return [...this.connections].map(([role, { status }]) => ({
      role,
      isReady: status === 'ready',
      breaker: isGuarded(role) ? this.breakerState(role) : undefined,
      events: this.events.get(role) ?? NO_EVENTS,
    }));
  }

  /**
   * State of a role's breaker, in a Cluster of any node whose breaker is not closed; `open` without a connection, too.
   */
  breakerState(role: GuardedRole): BreakerState {
    if (this.connections.get(role)?.status !== 'ready') return 'open';
    const states = [...this.breakers[role].values()].map((breaker) => breaker.state);
    return states.find((state) => state !== 'closed') ?? 'closed';
  }

  /**
   * Calls `listener` when the connection to a server of a role is lost or its breaker opens, and when it recovers; also
   * when the masters of a Cluster change.
   */
  onConnectionChange(role: GuardedRole, listener: () => void): void {
    this.listeners.set(role, [...(this.listeners.get(role) ?? []), listener]);
  }

  /**
   * Whether the server of a role accepts all commands that requests need; for a Cluster, more than half of its masters.
   */
  async isWritable(role: GuardedRole): Promise<boolean> {
    const redis = this.connections.get(role);
    const servers = redis === undefined ? [] : serversOf(redis);
    const probes = await Promise.allSettled(servers.map((server) => probeServer(role, server)));
    for (const probe of probes) if (probe.status === 'rejected') this.logProbe(role, probe.reason);
    return probes.filter(({ status }) => status === 'fulfilled').length > servers.length / 2;
  }

  /** Waits a moment for available servers to connect; the service starts without the others. */
  async onApplicationBootstrap(): Promise<void> {
    await Promise.all([...this.connections.values()].map((redis) => waitUntilReady(redis, FIRST_CONNECT_TIMEOUT_MS)));
    const missing = [...this.connections].filter(([, { status }]) => status !== 'ready').map(([role]) => role);
    if (missing.length === 0) return;
    const consequence = missing.includes('store') ? '; /health/ready responds 503 until it is' : '';
    this.logger.warn(`Redis not reachable yet: ${missing.join(', ')}${consequence}`);
  }

  async onApplicationShutdown(): Promise<void> {
    for (const ofRole of Object.values(this.breakers)) for (const breaker of ofRole.values()) breaker.stop();
    await Promise.all([...this.connections.values()].map(closeConnection));
    // BullMQ leaves the connections it created open if the server does not reply.
    for (const duplicate of this.duplicates) duplicate.disconnect();
  }

  /** Logs an error reply to a readiness probe, for example that the server is full. */
  private logProbe(role: GuardedRole, error: unknown): void {
    if (!(error instanceof Error) || !REPLY_CODE.test(error.message)) return;
    this.refusals.error(error.message, `${role} cannot serve: ${error.message}`);
  }

  private emitChange(role: GuardedRole): void {
    for (const listener of this.listeners.get(role) ?? []) listener();
  }

  /** One breaker per node: an unavailable node does not affect commands to the others. */
  private guardNodes(role: GuardedRole, cluster: Cluster): void {
    const nameOf = ({ options }: Redis) => `${role} at ${options.host}:${options.port}`;
    let masters = '';
    cluster.on('+node', (node: Redis) => this.guard(role, node, nameOf(node)));
    cluster.on('-node', (node: Redis) => this.removeBreaker(role, node));
    cluster.on('refresh', () => {
      const before = masters;
      masters = cluster.nodes('master').map(nameOf).sort().join();
      if (before !== '' && before !== masters) this.emitChange(role);
    });
  }

  private guard(role: GuardedRole, server: Redis, name: string): void {
    const markLost = () => {
      this.lost.add(name);
      this.emitChange(role);
    };
    const markRecovered = () => {
      if (this.lost.delete(name)) this.emitChange(role);
    };
    const onChange = (state: BreakerState, reason: string) => {
      if (state === 'closed') {
        this.logger.log(`${name}: circuit breaker closed`);
        markRecovered();
      }
      if (state === 'open') {
        // Logged once per outage: each failed probe opens the breaker again.
        if (!this.lost.has(name)) this.logger.warn(`${name}: circuit breaker open: ${reason}`);
        markLost();
      }
    };
    const observer = { onChange, onRefusal: (error: Error) => this.refusals.error(error.message, error.message) };
    this.breakers[role].set(server, guardConnection(role, server, observer));
    server.on('ready', () => {
      markRecovered();
      server.once('close', markLost);
    });
  }

  private removeBreaker(role: GuardedRole, server: Redis): void {
    this.breakers[role].get(server)?.stop();
    this.breakers[role].delete(server);
  }

  /** Logs and counts the blocking connections that BullMQ creates with `duplicate` and closes itself. */
  private trackDuplicates(role: RedisRole, redis: RedisClient, events: ConnectionEvents): void {
    observeDuplicates(redis, (duplicate) => {
      this.duplicates.add(duplicate);
      duplicate.once('end', () => this.duplicates.delete(duplicate));
      this.track(role, duplicate, events);
    });
  }

  private track(role: RedisRole, redis: RedisClient, events: ConnectionEvents): void {
    countEvents(redis, events);
    // An unavailable server repeats the same error at every attempt.
    const errors = new ThrottledLogger(this.logger);
    redis.on('connect', () => this.logger.log(`${role}: connected`));
    redis.on('ready', () => {
      errors.reset();
      this.logger.log(`${role}: ready`);
    });
    redis.on('reconnecting', (delayMs?: number) => {
      this.logger.warn(`${role}: reconnecting${delayMs === undefined ? '' : ` in ${delayMs} ms`}`);
    });
    redis.on('end', () => this.logger.log(`${role}: closed`));
    redis.on('error', (error: Error) => errors.error(error.message, `${role}: ${error.message}`));
  }
}
