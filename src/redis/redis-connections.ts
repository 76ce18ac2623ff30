import { once } from 'node:events';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { BreakerState, CircuitBreaker } from './circuit-breaker.js';
import { guardConnection, writeProbe } from './guard-connection.js';
import type { RedisRole } from './inject-redis.decorator.js';

/**
 * A command that gets no answer for longer than this fails (nothing else bounds a frozen server). The store is given
 * time for a slow disk, since its failure refuses the request; a cache that is slow is worth nothing.
 */
export const COMMAND_TIMEOUTS_MS: Readonly<Record<RedisRole, number>> = { store: 1_000, cache: 200 };
const CONNECT_TIMEOUT_MS = 500;
const FIRST_CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_DELAY_MAX_MS = 1_000;
/** A connection that is given up is not waited for: the peer may never say goodbye. */
const DISCONNECT_TIMEOUT_MS = 200;
/** How often a server that loads its data is asked whether it has done so. */
const LOADING_RETRY_MS = 500;

/** Opens the Redis connections of a process, tells their life in the log and closes them at shutdown. */
@Injectable()
export class RedisConnections implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Redis');
  private readonly connections = new Map<RedisRole, Redis>();
  private readonly breakers = new Map<RedisRole, CircuitBreaker>();

  /**
   * Opens a connection that never makes a request wait: no offline queue, one try a command, every wait bounded, and a
   * circuit breaker before all commands, which then fail at once (RedisAwayError).
   * It reconnects by itself for as long as the process lives, and so it does when its server has become a replica.
   */
  open(role: RedisRole, url: string): Redis {
    const redis = new Redis(url, {
      connectionName: `ecogreen:${role}`,
      commandTimeout: COMMAND_TIMEOUTS_MS[role],
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      maxLoadingRetryTime: LOADING_RETRY_MS,
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, RECONNECT_DELAY_MAX_MS),
    });
    this.tell(role, redis);
    this.connections.set(role, redis);
    this.breakers.set(role, guardConnection(role, redis, (state, reason) => this.tellBreaker(role, state, reason)));
    return redis;
  }

  /** What commands of a role meet now: `open` while there is no connection, too. */
  breakerState(role: RedisRole): BreakerState {
    const state = this.breakers.get(role)?.state ?? 'open';
    return state === 'closed' && this.connections.get(role)?.status !== 'ready' ? 'open' : state;
  }

  /** The server of a role answers, and takes writes. */
  async serves(role: RedisRole): Promise<boolean> {
    const probe = writeProbe(role);
    void this.connections.get(role)?.sendCommand(probe);
    return probe.promise.then(() => true, () => false);
  }

  /** Gives servers that are there a moment to connect; the service starts without those that are not. */
  async onApplicationBootstrap(): Promise<void> {
    await Promise.all([...this.connections.values()].map((redis) => waitUntilReady(redis, FIRST_CONNECT_TIMEOUT_MS)));
  }

  async onApplicationShutdown(): Promise<void> {
    for (const breaker of this.breakers.values()) breaker.stop();
    await Promise.all([...this.connections.values()].map((redis) => redis.quit().catch(() => redis.disconnect())));
  }

  private tellBreaker(role: RedisRole, state: BreakerState, reason: string): void {
    if (state === 'closed') this.logger.log(`${role}: in use again`);
    if (state === 'open') this.logger.warn(`${role}: left alone for a moment: ${reason}`);
  }

  private tell(role: RedisRole, redis: Redis): void {
    let lastError = '';
    redis.on('connect', () => this.logger.log(`${role}: connected`));
    redis.on('ready', () => {
      lastError = '';
      this.logger.log(`${role}: ready`);
    });
    redis.on('reconnecting', (delayMs: number) => this.logger.warn(`${role}: reconnecting in ${delayMs} ms`));
    redis.on('end', () => this.logger.log(`${role}: closed`));
    redis.on('error', (error: Error) => {
      // A server that is away repeats the same error at every attempt: one line an outage is enough.
      if (error.message !== lastError) this.logger.error(`${role}: ${error.message}`);
      lastError = error.message;
    });
  }
}

async function waitUntilReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  // An outage is told by the connection's own events; here it only ends the wait.
  await once(redis, 'ready', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined);
}
