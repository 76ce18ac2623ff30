export type DependencyState = 'up' | 'down';

/** What the service leans on, and whether each part answers. */
export class ReadinessDto {
  /** `degraded` when only the cache is away: everything is served, slower. */
  status!: 'ok' | 'degraded';
  /** PostgreSQL. */
  postgres!: DependencyState;
  /** The durable Redis: tokens, sessions, limits. */
  store!: DependencyState;
  /** The cache Redis. */
  cache!: DependencyState;
}
