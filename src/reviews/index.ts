export { ReviewNotFoundError } from './reviews.errors.js';
export { ReviewsModule } from './reviews.module.js';
