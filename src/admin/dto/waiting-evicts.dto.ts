import type { OutboxDepth } from '../../database/index.js';

/** Evicts that wait in the outbox. */
export class WaitingEvictsDto {
  /**
   * How many; at most 10,000 are counted.
   * @example 0
   */
  count!: number;

  /**
   * For how long the oldest has waited, in milliseconds; 0 when none waits.
   * @example 0
   */
  oldestMs!: number;

  static from({ count, oldestMs }: OutboxDepth): WaitingEvictsDto {
    return Object.assign(new WaitingEvictsDto(), { count, oldestMs: Math.round(oldestMs) });
  }
}
