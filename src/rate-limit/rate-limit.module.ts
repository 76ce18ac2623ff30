import { Module } from '@nestjs/common';
import { FailureDelay } from './failure-delay.js';
import { FixedWindow } from './fixed-window.js';

@Module({ providers: [FailureDelay, FixedWindow], exports: [FailureDelay, FixedWindow] })
export class RateLimitModule {}
