import { Module } from '@nestjs/common';
import { MetricsModule } from '../observability/index.js';
import { PlacesModule } from '../places/index.js';
import { ReviewsModule } from '../reviews/index.js';
import { ActivityListsService } from './activity-lists.service.js';
import { PopularPlacesController } from './rankings/popular-places.controller.js';
import { RankPlaces } from './rankings/rank-places.job.js';
import { RankingStore } from './rankings/ranking-store.js';
import { Rankings } from './rankings/rankings.js';
import { MyRecentPlacesController } from './recent/my-recent-places.controller.js';
import { RecentPlacesListener } from './recent/recent-places.listener.js';
import { RecentPlaces } from './recent/recent-places.js';
import { FlushViews } from './views/flush-views.job.js';
import { ViewCountsRepository } from './views/view-counts.repository.js';
import { ViewCounter } from './views/view-counter.js';
import { ViewFlush } from './views/view-flush.js';
import { ViewMetrics } from './views/view-metrics.js';
import { ViewStore } from './views/view-store.js';

/** User activity on places: views, rankings, and the places each user viewed recently. */
@Module({
  imports: [MetricsModule, PlacesModule, ReviewsModule],
  controllers: [PopularPlacesController, MyRecentPlacesController],
  providers: [
    ActivityListsService,
    FlushViews,
    RankPlaces,
    ViewCounter,
    ViewCountsRepository,
    ViewFlush,
    ViewMetrics,
    ViewStore,
    Rankings,
    RankingStore,
    RecentPlaces,
    RecentPlacesListener,
  ],
})
export class ActivityModule {}
