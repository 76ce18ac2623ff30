/** `closed`: commands are sent; `open`: they are rejected at once; `half-open`: rejected too, while one probe runs. */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerRule {
  /** Consecutive failures that open the breaker. */
  readonly failures: number;
  /** Interval between probes, in milliseconds. */
  readonly retryMs: number;
  /** Resolves if the server works; no caller waits for it. */
  probe(): Promise<unknown>;
  /** Called on every change of state. */
  onChange(state: BreakerState, reason: string): void;
}

/**
 * Rejects commands at once instead of letting each caller wait for the timeout of an unresponsive server. The first
 * failure triggers a probe; if that fails too, the breaker opens, however few callers there are. While it is open, a
 * probe is sent every `retryMs` until one succeeds, the first at once, so that a false alarm lasts one round trip.
 * Probes are separate commands: no caller's command is used to detect recovery.
 */
export class CircuitBreaker {
  private current: BreakerState = 'closed';
  private failures = 0;
  private probedAt = -Infinity;
  private confirming = false;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly rule: BreakerRule) {}

  get state(): BreakerState {
    return this.current;
  }

  /** Whether failures have been counted since the last success; only then does a success have to be reported. */
  get hasFailures(): boolean {
    return this.failures > 0;
  }

  succeeded(): void {
    if (this.current === 'closed') this.failures = 0;
  }

  failed(reason: string): void {
    if (this.current !== 'closed' || this.stopped) return;
    this.failures += 1;
    if (this.failures >= this.rule.failures) this.open(reason);
    else if (!this.confirming) void this.confirmFailure();
  }

  /** Opens without further failures: the server itself has reported that it cannot serve commands. */
  open(reason: string): void {
    if (this.current !== 'closed' || this.stopped) return;
    this.change('open', reason);
    this.retry();
  }

  /**
   * Probes if the breaker is open: at once, or `retryMs` after the last probe. To be called when something has changed,
   * such as the connection.
   */
  retry(): void {
    if (this.current !== 'open' || this.stopped) return;
    clearTimeout(this.timer);
    const waitMs = this.probedAt + this.rule.retryMs - performance.now();
    if (waitMs <= 0) void this.probe();
    else this.timer = setTimeout(() => void this.probe(), waitMs).unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async confirmFailure(): Promise<void> {
    this.confirming = true;
    try {
      await this.rule.probe();
      this.succeeded();
    } catch (error) {
      this.open(String(error));
    } finally {
      this.confirming = false;
    }
  }

  private async probe(): Promise<void> {
    this.probedAt = performance.now();
    this.change('half-open', 'a probe is sent');
    try {
      await this.rule.probe();
      this.failures = 0;
      this.change('closed', 'the probe succeeded');
    } catch (error) {
      this.change('open', String(error));
      this.retry();
    }
  }

  private change(state: BreakerState, reason: string): void {
    this.current = state;
    this.rule.onChange(state, reason);
  }
}
