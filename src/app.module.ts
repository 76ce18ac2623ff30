import { Module } from '@nestjs/common';
import { ActivityModule } from './activity/index.js';
import { AdminModule } from './admin/index.js';
import { AuthModule } from './auth/index.js';
import { CacheModule } from './cache/index.js';
import { PaginationModule } from './common/index.js';
import { ConfigModule, Env } from './config/index.js';
import { DatabaseModule } from './database/index.js';
import { HealthModule } from './health/index.js';
import { JobsModule } from './jobs/index.js';
import { LocksModule } from './locks/index.js';
import { NotificationsModule } from './notifications/index.js';
import { PlacesModule } from './places/index.js';
import { RedisModule } from './redis/index.js';
import { ReviewsModule } from './reviews/index.js';
import { UsersModule } from './users/index.js';

@Module({
  imports: [
    ConfigModule,
    PaginationModule.forRoot({ inject: [Env], useFactory: (env: Env) => env.jwtKeys }),
    DatabaseModule,
    RedisModule,
    CacheModule,
    UsersModule,
    AuthModule,
    PlacesModule,
    ReviewsModule,
    ActivityModule,
    NotificationsModule,
    AdminModule,
    HealthModule,
    LocksModule,
    JobsModule,
  ],
})
export class AppModule {}
