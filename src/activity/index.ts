export { ActivityModule } from './activity.module.js';
export { Rankings } from './rankings/rankings.js';
export { RecentPlaces } from './recent/recent-places.js';
export { ViewCounter } from './views/view-counter.js';
export { viewTracking } from './views/view-tracking.plugin.js';
