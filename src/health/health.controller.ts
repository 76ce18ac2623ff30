import { Controller, Get, Header, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiProblems, Public } from '../common/index.js';
import { HealthService } from './health.service.js';
import { LivenessDto } from './liveness.dto.js';
import { NotReadyError, SchemaOutdatedError, ShuttingDownError } from './not-ready.error.js';
import { ReadinessDto } from './readiness.dto.js';

@Public()
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** Liveness probe. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  getLiveness(): LivenessDto {
    return { status: 'ok' };
  }

  /**
   * Readiness probe.
   *
   * 200 if PostgreSQL, with all migrations applied, and the durable Redis respond.
   */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiProblems(NotReadyError, SchemaOutdatedError, ShuttingDownError)
  getReadiness(): Promise<ReadinessDto> {
    return this.health.readiness();
  }
}
