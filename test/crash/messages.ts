/** Where the rows and the entries are, and whether there is an outbox. */
export interface Surroundings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly withOutbox: boolean;
}

/** Rows that exist when the harness begins. */
export interface Fixtures {
  readonly userIds: readonly string[];
  readonly placeIds: readonly number[];
}

/** What a process is told that will be killed. */
export interface Order extends Surroundings {
  readonly fixtures: Fixtures;
  readonly seed: number;
}

/** What it has done so far; what it did in the last moments nobody hears of. */
export interface Progress {
  readonly writes: number;
  readonly reads: number;
  /** Writes that PostgreSQL or the rules of the service refused. */
  readonly refused: number;
}
