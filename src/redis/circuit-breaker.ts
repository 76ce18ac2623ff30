/** `closed`: commands go through; `open`: they are refused at once; `half-open`: so are they, and one probe is out. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** A command was not sent, since those before it found nobody. */
export class RedisUnavailableError extends Error {
  constructor(role: string) {
    super(`Redis is away: the ${role} connection has failed and is left alone for a moment`);
    this.name = 'RedisUnavailableError';
  }
}

export interface BreakerRule {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Time between two probes. */
  readonly retryMs: number;
  /** Resolves when the server does its work; no caller waits for it. */
  probe(): Promise<unknown>;
  /** Told of every change. */
  onChange(state: BreakerState, reason: string): void;
}

/**
 * Spares callers the time limit of a server that does not answer. The first failure sends a probe: when that fails too
 * it opens, however few callers there are. While it is open a probe follows every `retryMs` until the server answers,
 * the first at once, so that a false alarm lasts one round trip. Probes are commands of our own: no caller is ever the
 * one who finds out.
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

  /** Whether the last command failed: only then is a success worth telling. */
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

  /** Opens without waiting for more: the server itself has said that it cannot serve. */
  open(reason: string): void {
    if (this.current !== 'closed' || this.stopped) return;
    this.change('open', reason);
    this.retry();
  }

  /** Something has changed, such as the connection: probes now, if it is open and the last probe is not too near. */
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
      this.change('closed', 'the probe was answered');
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
