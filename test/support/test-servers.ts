import { given } from './given.js';
import { provideDatabase, provideRedis, type ProvidedDatabase, type ProvidedServer } from './services.js';

/** Connection strings of the PostgreSQL and the Redis of a test process. */
export interface TestServers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** A database and a Redis for the tests of a `describe`. */
export interface SuiteServers extends TestServers {
  readonly database: ProvidedDatabase;
  readonly redis: ProvidedServer;
  /** Registers work to run before the servers are dropped, last registered first. */
  beforeDrop(work: () => unknown): void;
}

/** Provides a migrated database and a durable Redis for the tests of a `describe`; with `each` new ones per test. */
export function useServers({ each = false } = {}): SuiteServers {
  let provided: readonly [ProvidedDatabase, ProvidedServer] | undefined;
  const closing: (() => unknown)[] = [];
  const [before, after] = each ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    provided = await Promise.all([provideDatabase(), provideRedis()]);
  });
  after(async () => {
    for (const close of [...closing].reverse()) await close();
    await Promise.all(provided?.map((server) => server.drop()) ?? []);
  });
  return {
    get database() {
      return given(provided)[0];
    },
    get redis() {
      return given(provided)[1];
    },
    get databaseUrl() {
      return given(provided)[0].url;
    },
    get redisUrl() {
      return given(provided)[1].url;
    },
    beforeDrop: (work) => void closing.push(work),
  };
}
