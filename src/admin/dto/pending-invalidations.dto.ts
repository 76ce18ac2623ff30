import type { OutboxDepth } from '../../database/index.js';

/** Invalidations pending in the outbox. */
export class PendingInvalidationsDto {
  /**
   * Number of pending invalidations; at most 10,000 are counted.
   * @example 0
   */
  count!: number;

  /**
   * Age of the oldest one in milliseconds; 0 if none is pending.
   * @example 0
   */
  oldestMs!: number;

  static from({ count, oldestMs }: OutboxDepth): PendingInvalidationsDto {
    return Object.assign(new PendingInvalidationsDto(), { count, oldestMs: Math.round(oldestMs) });
  }
}
