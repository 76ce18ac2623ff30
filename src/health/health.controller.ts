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

  /** Tell whether the process runs. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  getLiveness(): LivenessDto {
    return { status: 'ok' };
  }

  /** Tell whether the process can serve: PostgreSQL, with all migrations, and the durable Redis answer. */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiProblems(NotReadyError, SchemaOutdatedError, ShuttingDownError)
  getReadiness(): Promise<ReadinessDto> {
    return this.health.readiness();
  }
}
