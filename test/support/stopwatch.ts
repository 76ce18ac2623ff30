import { readFileSync } from 'node:fs';
import { TimeLimit } from '../../src/common/index.js';

/** Scheduler statistics of the calling thread: ns on a processor, ns ready but waiting for one, time slices. */
const SCHEDSTAT = '/proc/thread-self/schedstat';

/**
 * Starts a stopwatch; the returned function reads the elapsed milliseconds. The time in which this thread was ready to
 * run but waited for a processor does not count (Linux; elsewhere it does), so that a busy machine does not look like a
 * slow service. It is for upper bounds: compare lower bounds with `performance.now()`.
 *
 * @example const elapsedMs = stopwatch(); await call(); expect(elapsedMs()).toBeLessThan(250);
 */
export function stopwatch(): () => number {
  const [startedAt, waitedMs] = [performance.now(), runQueueMs()];
  return () => performance.now() - startedAt - (runQueueMs() - waitedMs);
}

function runQueueMs(): number {
  try {
    return Number(readFileSync(SCHEDSTAT, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** Milliseconds by a stopwatch in which a time limit of `ms` expires; exceeds `ms` by the delays of this process. */
export function timeLimitDuration(ms: number): Promise<number> {
  const elapsedMs = stopwatch();
  return new Promise((resolve) => new TimeLimit(ms, () => resolve(elapsedMs())));
}
