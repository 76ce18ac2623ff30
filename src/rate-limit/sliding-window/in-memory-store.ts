import { consume, type SlidingLog, type Consumption, type WindowRule } from './sliding-log.js';

/** So many logs are kept; whose log is dropped for want of room begins anew. */
const MAX_LOGS = 10_000;

/** Logs of this process alone, for the time without Redis: those used last. */
export class InMemoryStore {
  // In the order of their last use.
  private readonly logs = new Map<string, SlidingLog>();

  constructor(private readonly nowMs = () => Math.floor(performance.now())) {}

  /** How many are kept. */
  get size(): number {
    return this.logs.size;
  }

  /** @param rules by the key of their log */
  consume(rules: readonly (readonly [key: string, rule: WindowRule])[], cost: number): Consumption {
    return consume(rules.map(([key, rule]) => ({ rule, log: this.take(key) })), cost, this.nowMs());
  }

  private take(key: string): SlidingLog {
    const log = this.logs.get(key) ?? { openedAtMs: 0, buckets: [] };
    this.logs.delete(key);
    this.logs.set(key, log);
    const [oldest] = this.logs.keys();
    if (this.logs.size > MAX_LOGS && oldest !== undefined) this.logs.delete(oldest);
    return log;
  }
}
