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

  release(id: string): void {
    this.renewedAt.delete(id);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const over = performance.now() - this.lockMs;
    const lost = [...this.renewedAt].filter(([, renewedAt]) => renewedAt < over).map(([id]) => id);
    for (const id of lost) this.release(id);
    if (lost.length > 0) this.lose(lost);
  }
}
