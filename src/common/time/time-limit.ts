/** A delay of this process, however long, counts as one such part of a limit at most. */
const PARTS = 4;

/**
 * Calls back once something has taken longer than it may. It is a judgement about others, so what this process itself
 * was late with is left out: a delay of its event loop (a busy processor, a pause, garbage collection) counts as a
 * quarter of the limit at most, and input that has arrived by then is read before the limit passes. On an idle process
 * it is as exact as `setTimeout`. Not for what must end by the clock, such as the validity of a lock.
 */
export class TimeLimit {
  private partsLeft: number;
  private readonly timer: NodeJS.Timeout;
  private immediate: NodeJS.Immediate | undefined;

  /** @param ms a limit that has passed already gives what has arrived its turn, and no more */
  constructor(
    ms: number,
    private readonly passed: () => void,
  ) {
    this.partsLeft = ms > PARTS ? PARTS : 1;
    this.timer = setTimeout(() => this.endPart(), Math.max(0, ms) / this.partsLeft);
  }

  cancel(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  // After a delay timers run first, then input is read, then immediates run.
  private endPart(): void {
    this.partsLeft -= 1;
    this.immediate = setImmediate(() => {
      if (this.partsLeft === 0) this.passed();
      else this.timer.refresh();
    });
  }
}

/** Whether work has an end, good or bad, within a `TimeLimit` of so many milliseconds. */
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
