/** Connection strings of the PostgreSQL and the Redis that a test process uses. */
export interface TestServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}
