import type { ServiceOptions } from '../../crash/messages.js';
import { openService } from '../../crash/service.js';

/** What a process that is going to be killed has to do. */
export interface LikeOrder {
  readonly surroundings: ServiceOptions;
  readonly reviewId: number;
  readonly likerIds: readonly string[];
}

/** Lets one user after the other like a review, and tells of each as soon as it is committed. */
async function like({ surroundings, reviewId, likerIds }: LikeOrder): Promise<void> {
  const { reviews } = await openService(surroundings);
  for (const likerId of likerIds) {
    await reviews.like(reviewId, likerId);
    process.send?.(likerId);
  }
}

process.once('message', (order: LikeOrder) => void like(order));
process.on('disconnect', () => process.exit());
// It stays, to be killed.
setInterval(() => undefined, 1_000);
