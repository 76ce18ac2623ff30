export { ActivityModule } from './activity.module.js';
export { Rankings } from './rankings/rankings.js';
