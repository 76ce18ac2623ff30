/**
 * Which jobs this process still has: each for as long as its lock in Redis lasts since it was last renewed. Nothing
 * tells of a lock that is over while Redis cannot be reached, and others, who can, run the job again.
 */
export class JobLocks {
  private readonly renewedAt = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  /** @param lose is called once for a job whose lock is over */
  constructor(
    private readonly lockMs: number,
    private readonly lose: (ids: readonly string[]) => void,
  ) {
    this.timer = setInterval(() => this.look(), lockMs / 10).unref();
  }

  take(id: string): void {
    this.renewedAt.set(id, performance.now());
  }

  renew(ids: readonly string[]): void {
    for (const id of ids) if (this.renewedAt.has(id)) this.take(id);
  }

  /** Whether the lock may be over: it was not renewed for half of its duration, or is known to be lost. */
  isDoubtful(id: string): boolean {
    return performance.now() - (this.renewedAt.get(id) ?? -Infinity) > this.lockMs / 2;
  }

  /** Gives up locks that Redis has refused to renew. */
  drop(ids: readonly string[]): void {
    for (const id of ids) this.release(id);
    this.lose(ids);
  }

  release(id: string): void {
    this.renewedAt.delete(id);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const over = performance.now() - this.lockMs;
    const lost = [...this.renewedAt].filter(([, renewedAt]) => renewedAt < over).map(([id]) => id);
    if (lost.length > 0) this.drop(lost);
  }
}
