import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ConnectionPool } from '../database/index.js';
import { Metrics } from '../observability/index.js';
import { RedisConnections, type BreakerState } from '../redis/index.js';

const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half-open', 'open'];

/** Metrics of the connections to the dependencies: Redis and PostgreSQL. */
@Injectable()
export class DependencyMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly redis: RedisConnections,
    private readonly pool: ConnectionPool,
  ) {}

  onModuleInit(): void {
    this.addRedis();
    this.addPostgres();
  }

  private addRedis(): void {
    this.metrics.add({
      name: 'ecogreen_redis_ready',
      help: 'Whether the Redis connection of a role is ready: 1 or 0.',
      type: 'gauge',
      read: () =>
        this.redis.statuses().map(({ role, isReady }) => {
          return { labels: { role }, value: isReady ? 1 : 0 };
        }),
    });
    this.metrics.add({
      name: 'ecogreen_redis_breaker_state',
      help: 'State of the circuit breaker of a Redis role: 1 for the current state, 0 for the others.',
      type: 'gauge',
      read: () =>
        this.redis
          .statuses()
          .filter(({ breaker }) => breaker !== undefined)
          .flatMap(({ role, breaker }) =>
            BREAKER_STATES.map((state) => ({ labels: { role, state }, value: breaker === state ? 1 : 0 })),
          ),
    });
    this.metrics.add({
      name: 'ecogreen_redis_connection_events_total',
      help: 'Events of the Redis connection of a role: connect, ready, reconnecting, end, error.',
      type: 'counter',
      read: () =>
        this.redis.statuses().flatMap(({ role, events }) =>
          Object.entries<number>({ ...events }).map(([event, value]) => ({ labels: { role, event }, value })),
        ),
    });
  }

  private addPostgres(): void {
    this.metrics.add({
      name: 'ecogreen_postgres_pool_connections',
      help: 'Open connections to PostgreSQL, busy or idle.',
      type: 'gauge',
      read: () => {
        const { busy, idle } = this.pool.stats();
        return Object.entries({ busy, idle }).map(([state, value]) => ({ labels: { state }, value }));
      },
    });
    this.metrics.add({
      name: 'ecogreen_postgres_pool_max_connections',
      help: 'Maximum number of connections to PostgreSQL of this process.',
      type: 'gauge',
      read: () => [{ value: this.pool.stats().max }],
    });
    this.metrics.add({
      name: 'ecogreen_postgres_pool_waiting',
      help: 'Callers waiting for a connection to PostgreSQL.',
      type: 'gauge',
      read: () => [{ value: this.pool.stats().waiting }],
    });
  }
}
