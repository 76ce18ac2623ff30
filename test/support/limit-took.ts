import { TimeLimit } from '../../src/common/index.js';

/** How long a time limit takes to pass from now on: longer than it says, by the delays of this process. */
export function limitTook(ms: number): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve) => new TimeLimit(ms, () => resolve(performance.now() - startedAt)));
}
