import type { ServiceOptions } from '../../crash/messages.js';
import { openService } from '../../crash/service.js';

/** Work of a process that will be killed. */
export interface LikeOrder {
  readonly surroundings: ServiceOptions;
  readonly reviewId: number;
  readonly likerIds: readonly string[];
}

/** Likes a review as one user after the other, and sends the id of each to the parent once the like is committed. */
async function like({ surroundings, reviewId, likerIds }: LikeOrder): Promise<void> {
  const { reviews } = await openService(surroundings);
  for (const likerId of likerIds) {
    await reviews.like(reviewId, likerId);
    process.send?.(likerId);
  }
}

process.once('message', (order: LikeOrder) => void like(order));
process.on('disconnect', () => process.exit());
// Stays alive until it is killed.
setInterval(() => undefined, 1_000);
