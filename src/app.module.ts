import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { PaginationModule } from './common/index.js';
import { ConfigModule, Env } from './config/index.js';
import { DatabaseModule } from './database/index.js';
import { HealthModule } from './health/index.js';
import { RedisModule } from './redis/index.js';

@Module({
  imports: [
    ConfigModule,
    EventEmitterModule.forRoot(),
    PaginationModule.forRoot({ inject: [Env], useFactory: (env: Env) => env.jwtKeys[0] }),
    DatabaseModule,
    RedisModule,
    HealthModule,
  ],
})
export class AppModule {}
