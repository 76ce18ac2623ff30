/** Parts of a limit; a delay of this process counts as one part at most, however long it is. */
const PARTS = 4;

/**
 * Timeout for an external operation; calls back when it expires. Delays of this process itself are largely excluded:
 * a delay of its event loop (a busy processor, a pause, garbage collection) counts as at most a quarter of the limit,
 * and input that has arrived by then is read before the limit expires. On an idle process it is as exact as
 * `setTimeout`. Not suitable for wall-clock deadlines, such as the validity of a lock.
 */
export class TimeLimit {
  private partsLeft: number;
  private readonly timer: NodeJS.Timeout;
  private immediate: NodeJS.Immediate | undefined;

  /** @param ms if zero or negative, only input that has already arrived is read before the callback */
  constructor(
    ms: number,
    private readonly onExpired: () => void,
  ) {
    this.partsLeft = ms > PARTS ? PARTS : 1;
    this.timer = setTimeout(() => this.endPart(), Math.max(0, ms) / this.partsLeft);
  }

  cancel(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  // After a delay, Node runs timers first, then reads input, then runs immediates.
  private endPart(): void {
    this.partsLeft -= 1;
    this.immediate = setImmediate(() => {
      if (this.partsLeft === 0) this.onExpired();
      else this.timer.refresh();
    });
  }
}

/** Whether a promise settles, fulfilled or rejected, within a `TimeLimit` of `ms` milliseconds. */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = new TimeLimit(ms, () => resolve(false));
    const settled = () => {
      limit.cancel();
      resolve(true);
    };
    work.then(settled, settled);
  });
}
