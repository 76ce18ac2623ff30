import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/index.js';
import { MetricsModule } from '../observability/index.js';
import { PlacesModule } from '../places/index.js';
import { RateLimitModule } from '../rate-limit/index.js';
import { TokensModule } from '../tokens/index.js';
import { AnnouncementsController } from './announcements.controller.js';
import { NotificationHistory } from './history/notification-history.js';
import { Broadcast } from './live/broadcast.js';
import { LiveConnections } from './live/live-connections.js';
import { SessionWatch } from './live/session-watch.js';
import { NotificationDelivery } from './notification-delivery.js';
import { NotificationReadMark } from './notification-read-mark.entity.js';
import { NotificationRow } from './notification.entity.js';
import { NotificationsController } from './notifications.controller.js';
import { NotificationsListener } from './notifications.listener.js';
import { NotificationsRepository } from './notifications.repository.js';
import { NotificationsService } from './notifications.service.js';
import { NotificationSockets } from './socket/notification-sockets.http.js';
import { SocketLogin } from './socket/socket-login.js';
import { EventStreams } from './stream/event-streams.http.js';
import { StreamController } from './stream/stream.controller.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([NotificationRow, NotificationReadMark]),
    AuthModule,
    MetricsModule,
    PlacesModule,
    RateLimitModule,
    TokensModule,
  ],
  controllers: [NotificationsController, StreamController, AnnouncementsController],
  providers: [
    NotificationsService,
    NotificationsRepository,
    NotificationsListener,
    NotificationDelivery,
    NotificationHistory,
    LiveConnections,
    Broadcast,
    SessionWatch,
    EventStreams,
    NotificationSockets,
    SocketLogin,
  ],
})
export class NotificationsModule {}
