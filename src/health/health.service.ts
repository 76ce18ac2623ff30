import { Injectable } from '@nestjs/common';
import { DatabaseProbe } from '../database/index.js';
import { RedisConnections } from '../redis/index.js';
import { NotReadyError, SchemaOutdatedError, ShuttingDownError } from './not-ready.error.js';
import type { DependencyState, ReadinessDto } from './readiness.dto.js';

/** Cache TTL of a successful check; the route is public and not rate-limited. */
const RESULT_TTL_MS = 500;

/** Result of checking all dependencies. */
interface CheckResult {
  readonly postgres: DependencyState;
  readonly store: DependencyState;
  readonly cache: DependencyState;
  /** Names of the migrations that have not run. */
  readonly missing: readonly string[];
}

@Injectable()
export class HealthService {
  private lastCheck: ReturnType<HealthService['check']> | undefined;
  private isShuttingDown = false;

  constructor(
    private readonly database: DatabaseProbe,
    private readonly redis: RedisConnections,
  ) {
    for (const role of ['store', 'cache'] as const) redis.onConnectionChange(role, () => (this.lastCheck = undefined));
  }

  /**
   * Checks all dependencies concurrently; concurrent calls share one check. A successful result is cached for half a
   * second, or until a connection to Redis is lost; after a failure, the next call checks again.
   * @throws NotReadyError when PostgreSQL or the durable Redis does not respond, SchemaOutdatedError, ShuttingDownError
   */
  async readiness(): Promise<ReadinessDto> {
    if (this.isShuttingDown) throw new ShuttingDownError();
    const { postgres, store, cache, missing } = await (this.lastCheck ??= this.check());
    const down = Object.entries({ postgres, store }).filter(([, state]) => state === 'down').map(([name]) => name);
    if (down.length > 0) throw new NotReadyError(down);
    if (missing.length > 0) throw new SchemaOutdatedError(missing);
    return { status: cache === 'up' ? 'ok' : 'degraded', postgres, store, cache };
  }

  /** Makes readiness fail from now on, whatever the state of the dependencies. */
  beginShutdown(): void {
    this.isShuttingDown = true;
  }

  private async check(): Promise<CheckResult> {
    let ttlMs = 0;
    try {
      const [migrations, store, cache] = await Promise.all([
        this.database.findMissingMigrations(),
        this.redis.isWritable('store').then(stateOf),
        this.redis.isWritable('cache').then(stateOf),
      ]);
      const [postgres, missing] = [stateOf(migrations !== undefined), migrations ?? []];
      if (![postgres, store, cache].includes('down') && missing.length === 0) ttlMs = RESULT_TTL_MS;
      return { postgres, store, cache, missing };
    } finally {
      setTimeout(() => (this.lastCheck = undefined), ttlMs).unref();
    }
  }
}

function stateOf(isAvailable: boolean): DependencyState {
  return isAvailable ? 'up' : 'down';
}
