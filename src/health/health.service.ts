import { Injectable } from '@nestjs/common';
import { DatabaseProbe } from '../database/index.js';
import { RedisConnections } from '../redis/index.js';
import { NotReadyError, ShuttingDownError } from './not-ready.error.js';
import type { DependencyState, ReadinessDto } from './readiness.dto.js';

/** Anybody may ask, as often as they like: that all is well is not asked again for so long. */
const BELIEVED_MS = 500;

@Injectable()
export class HealthService {
  private asked: ReturnType<HealthService['ask']> | undefined;
  private isShuttingDown = false;

  constructor(
    private readonly database: DatabaseProbe,
    private readonly redis: RedisConnections,
  ) {
    for (const role of ['store', 'cache'] as const) redis.whenLost(role, () => (this.asked = undefined));
  }

  /**
   * Asks every dependency at once, and one time for all who call meanwhile. That all of them answer is believed for
   * half a second, unless a connection to Redis is lost; that one does not is asked again at the next call.
   * @throws NotReadyError when PostgreSQL or the durable Redis does not answer, ShuttingDownError
   */
  async readiness(): Promise<ReadinessDto> {
    if (this.isShuttingDown) throw new ShuttingDownError();
    const { postgres, store, cache } = await (this.asked ??= this.ask());
    const away = Object.entries({ postgres, store }).filter(([, state]) => state === 'down').map(([name]) => name);
    if (away.length > 0) throw new NotReadyError(away);
    return { status: cache === 'up' ? 'ok' : 'degraded', postgres, store, cache };
  }

  /** Has the process say from now on that it is not ready, whatever it depends on. */
  beginShutdown(): void {
    this.isShuttingDown = true;
  }

  private async ask(): Promise<Record<'postgres' | 'store' | 'cache', DependencyState>> {
    let believedMs = 0;
    try {
      const [postgres, store, cache] = await Promise.all([
        stateOf(this.database.answers()),
        stateOf(this.redis.serves('store')),
        stateOf(this.redis.serves('cache')),
      ]);
      if (![postgres, store, cache].includes('down')) believedMs = BELIEVED_MS;
      return { postgres, store, cache };
    } finally {
      setTimeout(() => (this.asked = undefined), believedMs).unref();
    }
  }
}

async function stateOf(answer: Promise<boolean>): Promise<DependencyState> {
  return (await answer) ? 'up' : 'down';
}
