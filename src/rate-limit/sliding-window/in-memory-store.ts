import { consume, type SlidingLog, type Consumption, type WindowRule } from './sliding-log.js';

/** Maximum number of logs; beyond it the least recently used is evicted, and its client starts with an empty log. */
const MAX_LOGS = 10_000;

/** LRU store of logs in this process; the fallback while Redis is unavailable. */
export class InMemoryStore {
  // In order of last use, least recent first.
  private readonly logs = new Map<string, SlidingLog>();

  constructor(private readonly nowMs = () => Math.floor(performance.now())) {}

  /** Number of stored logs. */
  get size(): number {
    return this.logs.size;
  }

  /** @param rules pairs of log key and rule */
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
