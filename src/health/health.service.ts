import { Injectable } from '@nestjs/common';
import { DatabaseProbe } from '../database/index.js';
import { RedisConnections } from '../redis/index.js';
import { NotReadyError } from './not-ready.error.js';
import type { DependencyState, ReadinessDto } from './readiness.dto.js';

@Injectable()
export class HealthService {
  constructor(
    private readonly database: DatabaseProbe,
    private readonly redis: RedisConnections,
  ) {}

  /**
   * Asks every dependency at once.
   * @throws NotReadyError when PostgreSQL or the durable Redis does not answer
   */
  async readiness(): Promise<ReadinessDto> {
    const [postgres, store, cache] = await Promise.all([
      stateOf(this.database.answers()),
      stateOf(this.redis.serves('store')),
      stateOf(this.redis.serves('cache')),
    ]);
    const away = Object.entries({ postgres, store }).filter(([, state]) => state === 'down').map(([name]) => name);
    if (away.length > 0) throw new NotReadyError(away);
    return { status: cache === 'up' ? 'ok' : 'degraded', postgres, store, cache };
  }
}

async function stateOf(answer: Promise<boolean>): Promise<DependencyState> {
  return (await answer) ? 'up' : 'down';
}
