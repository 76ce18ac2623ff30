/** Connection strings of PostgreSQL and Redis, and whether evictions go through the outbox. */
export interface ServiceOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly withOutbox: boolean;
}

/** Rows created before the first kill. */
export interface Fixtures {
  readonly userIds: readonly string[];
  readonly placeIds: readonly number[];
}

/** Message to a process that will be killed. */
export interface VictimOptions extends ServiceOptions {
  readonly fixtures: Fixtures;
  readonly seed: number;
}

/** Operations completed so far; those of the last milliseconds are not reported. */
export interface Progress {
  readonly writes: number;
  readonly reads: number;
  /** Writes rejected by PostgreSQL or by the service. */
  readonly refused: number;
}
