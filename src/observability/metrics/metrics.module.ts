import { Module } from '@nestjs/common';
import { Metrics } from './metrics.js';

/** Provides `Metrics`, one for the application: import it where there are figures to show. */
@Module({ providers: [Metrics], exports: [Metrics] })
export class MetricsModule {}
