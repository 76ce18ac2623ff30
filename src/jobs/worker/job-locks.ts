interface TrackedLock {
  readonly token: string;
  readonly lost: AbortController;
  renewedAt: number;
}

const LOST = 'another process may have the job: its lock was lost';

/**
 * Locks of the jobs that run in this process, each valid for `lockMs` after its last renewal. A lock can expire without
 * an event: while this process cannot reach Redis, another process that can will run the job again.
 */
export class JobLocks {
  /** By job id. A process may run a job twice at the same time, but only the later run can have the lock. */
  private readonly held = new Map<string, TrackedLock>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly lockMs: number) {
    this.timer = setInterval(() => this.dropExpired(), lockMs / 10).unref();
  }

  /** @returns a signal that aborts when the lock is lost */
  take(id: string, token: string): AbortSignal {
    this.drop([id]);
    const lost = new AbortController();
    this.held.set(id, { token, lost, renewedAt: performance.now() });
    return lost.signal;
  }

  renew(ids: readonly string[]): void {
    for (const id of ids) {
      const lock = this.held.get(id);
      if (lock !== undefined) lock.renewedAt = performance.now();
    }
  }

  /** Whether the lock may have expired: it was not renewed for half of its duration, or is known to be lost. */
  mayHaveExpired(id: string, token: string): boolean {
    const lock = this.held.get(id);
    return lock?.token !== token || performance.now() - lock.renewedAt > this.lockMs / 2;
  }

  /** Drops lost locks, such as those that Redis refused to renew, and aborts their signals. */
  drop(ids: readonly string[]): void {
    for (const id of ids) {
      const lock = this.held.get(id);
      this.held.delete(id);
      lock?.lost.abort(LOST);
    }
  }

  /** Releases the lock of a run; no effect on the lock of a later run of the same job. */
  release(id: string, token: string): void {
    if (this.held.get(id)?.token === token) this.held.delete(id);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private dropExpired(): void {
    const expiredBefore = performance.now() - this.lockMs;
    this.drop([...this.held].filter(([, { renewedAt }]) => renewedAt < expiredBefore).map(([id]) => id));
  }
}
