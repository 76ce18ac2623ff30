export type DependencyState = 'up' | 'down';

/** State of the service and of each dependency. */
export class ReadinessDto {
  /** `degraded` if only the cache is unavailable: all routes work, but slower. */
  status!: 'ok' | 'degraded';
  /** PostgreSQL. */
  postgres!: DependencyState;
  /** The durable Redis: tokens, sessions, rate limits. */
  store!: DependencyState;
  /** The cache Redis. */
  cache!: DependencyState;
}
