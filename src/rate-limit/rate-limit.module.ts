import { Module } from '@nestjs/common';
import { MetricsModule } from '../observability/index.js';
import { FailureDelay } from './failure-delay.js';
import { FixedWindow } from './fixed-window.js';
import { RequestLimits } from './requests/request-limits.js';
import { SlidingWindow } from './sliding-window/sliding-window.js';

@Module({
  imports: [MetricsModule],
  providers: [FailureDelay, FixedWindow, RequestLimits, SlidingWindow],
  exports: [FailureDelay, FixedWindow, RequestLimits],
})
export class RateLimitModule {}
