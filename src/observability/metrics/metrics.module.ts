import { Module } from '@nestjs/common';
import { Metrics } from './metrics.js';

/** Provides `Metrics`, one instance per application; to be imported by modules that register metrics. */
@Module({ providers: [Metrics], exports: [Metrics] })
export class MetricsModule {}
