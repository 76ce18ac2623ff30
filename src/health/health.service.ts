import { Injectable } from '@nestjs/common';
import { DatabaseProbe } from '../database/index.js';
import { RedisConnections } from '../redis/index.js';
import { NotReadyError, SchemaOutdatedError, ShuttingDownError } from './not-ready.error.js';
import type { DependencyState, ReadinessDto } from './readiness.dto.js';

/** Anybody may ask, as often as they like: that all is well is not asked again for so long. */
const RESULT_TTL_MS = 500;

/** What was found out about everything that the service depends on. */
interface Findings {
  readonly postgres: DependencyState;
  readonly store: DependencyState;
  readonly cache: DependencyState;
  /** Names of migrations. */
  readonly missing: readonly string[];
}

@Injectable()
export class HealthService {
  private asked: ReturnType<HealthService['ask']> | undefined;
  private isShuttingDown = false;

  constructor(
    private readonly database: DatabaseProbe,
    private readonly redis: RedisConnections,
  ) {
    for (const role of ['store', 'cache'] as const) redis.onConnectionLost(role, () => (this.asked = undefined));
  }

  /**
   * Asks every dependency at once, and one time for all who call meanwhile. That all of them answer is believed for
   * half a second, unless a connection to Redis is lost; that one does not is asked again at the next call.
   * @throws NotReadyError when PostgreSQL or the durable Redis does not answer, SchemaOutdatedError, ShuttingDownError
   */
  async readiness(): Promise<ReadinessDto> {
    if (this.isShuttingDown) throw new ShuttingDownError();
    const { postgres, store, cache, missing } = await (this.asked ??= this.ask());
    const away = Object.entries({ postgres, store }).filter(([, state]) => state === 'down').map(([name]) => name);
    if (away.length > 0) throw new NotReadyError(away);
    if (missing.length > 0) throw new SchemaOutdatedError(missing);
    return { status: cache === 'up' ? 'ok' : 'degraded', postgres, store, cache };
  }

  /** Has the process say from now on that it is not ready, whatever it depends on. */
  beginShutdown(): void {
    this.isShuttingDown = true;
  }

  private async ask(): Promise<Findings> {
    let believedMs = 0;
    try {
      const [migrations, store, cache] = await Promise.all([
        this.database.findMissingMigrations(),
        this.redis.isWritable('store').then(stateOf),
        this.redis.isWritable('cache').then(stateOf),
      ]);
      const [postgres, missing] = [stateOf(migrations !== undefined), migrations ?? []];
      if (![postgres, store, cache].includes('down') && missing.length === 0) believedMs = RESULT_TTL_MS;
      return { postgres, store, cache, missing };
    } finally {
      setTimeout(() => (this.asked = undefined), believedMs).unref();
    }
  }
}

function stateOf(serves: boolean): DependencyState {
  return serves ? 'up' : 'down';
}
