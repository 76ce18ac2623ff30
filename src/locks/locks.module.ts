import { Global, Module } from '@nestjs/common';
import { Locks } from './locks.js';

/** Distributed locks, for every module that may import them. */
@Global()
@Module({ providers: [Locks], exports: [Locks] })
export class LocksModule {}
