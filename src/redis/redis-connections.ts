import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { RedisRole } from './inject-redis.decorator.js';

/** A command gets no answer for longer than this: it fails (only this bounds a frozen server). */
export const COMMAND_TIMEOUT_MS = 200;
const CONNECT_TIMEOUT_MS = 500;
const RECONNECT_DELAY_MAX_MS = 1_000;

/** Opens the Redis connections of a process, tells their life in the log and closes them at shutdown. */
@Injectable()
export class RedisConnections implements OnApplicationShutdown {
  private readonly logger = new Logger('Redis');
  private readonly connections = new Map<RedisRole, Redis>();

  /**
   * Opens a connection that never makes a request wait: no offline queue, one try a command, every wait bounded.
   * It reconnects by itself for as long as the process lives.
   */
  open(role: RedisRole, url: string): Redis {
    const redis = new Redis(url, {
      connectionName: `ecogreen:${role}`,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, RECONNECT_DELAY_MAX_MS),
    });
    this.tell(role, redis);
    this.connections.set(role, redis);
    return redis;
  }

  /** The connection of a role answers a PING. */
  async ping(role: RedisRole): Promise<boolean> {
    return (await this.connections.get(role)?.ping().catch(() => null)) === 'PONG';
  }

  /** Waits until every connection is ready, or for `timeoutMs` at most. */
  async whenReady(timeoutMs: number): Promise<boolean> {
    const waits = [...this.connections.values()].map((redis) => waitUntilReady(redis, timeoutMs));
    return (await Promise.all(waits)).every(Boolean);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.connections.values()].map((redis) => redis.quit().catch(() => redis.disconnect())));
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

function waitUntilReady(redis: Redis, timeoutMs: number): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (ready: boolean) => () => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      resolve(ready);
    };
    const onReady = settle(true);
    const timer = setTimeout(settle(false), timeoutMs);
    redis.on('ready', onReady);
  });
}
