import { Global, Module } from '@nestjs/common';
import { Locks } from './locks.js';

/** Locks over all processes, for every module that may import them. */
@Global()
@Module({ providers: [Locks], exports: [Locks] })
export class LocksModule {}
