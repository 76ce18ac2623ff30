export { ActivityModule } from './activity.module.js';
export type { PageOfIds } from './page-of-ids.js';
export { RANKING_WINDOWS, type RankingWindow } from './rankings/ranking-store.js';
export { Rankings } from './rankings/rankings.js';
export { RecentPlaces } from './recent/recent-places.js';
export { TrackView } from './views/track-view.decorator.js';
