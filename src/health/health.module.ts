import { Module } from '@nestjs/common';
import { MetricsModule } from '../observability/index.js';
import { DependencyMetrics } from './dependency-metrics.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { OutboxMetrics } from './outbox-metrics.js';

@Module({
  imports: [MetricsModule],
  controllers: [HealthController],
  providers: [DependencyMetrics, HealthService, OutboxMetrics],
})
export class HealthModule {}
