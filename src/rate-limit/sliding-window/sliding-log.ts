/** At most `limit` in any closed interval of `windowMs`, wherever it begins. */
export interface WindowRule {
  readonly limit: number;
  /** Whole milliseconds. */
  readonly windowMs: number;
}

/** Buckets per window; a request may count up to one bucket too long. */
export const BUCKETS_PER_WINDOW = 60;

/** Requests that expire together. */
interface Bucket {
  /** Time of the newest request. */
  lastMs: number;
  count: number;
}

/** Consumption of a client under one rule, oldest bucket first; at most `BUCKETS_PER_WINDOW + 2` buckets. */
export interface SlidingLog {
  /** Time of the first request in the newest bucket. */
  openedAtMs: number;
  buckets: Bucket[];
}

/** Consumption under a rule. */
export interface Usage {
  readonly used: number;
  /** Milliseconds until the oldest bucket expires; 0 when nothing is used. */
  readonly availableInMs: number;
}

export interface Consumption {
  /** 0 when accepted; else milliseconds until it would be, if nothing is consumed meanwhile. */
  readonly waitMs: number;
  /** Usage under each rule, including this request if accepted. */
  readonly usages: readonly Usage[];
}

/** A log and its rule. */
export interface RuledLog {
  readonly rule: WindowRule;
  readonly log: SlidingLog;
}

/**
 * Consumes `cost` under all rules, or under none. Same algorithm, step by step, as `consume.script.ts` in Redis: its
 * reference model and, while Redis is unavailable, its fallback. A cost above a limit consumes the whole limit.
 *
 * A bucket accepts requests for less than 1/`BUCKETS_PER_WINDOW` of the window after its first one, and counts until
 * its newest has left the window. So every request counts as long as it is in the window, and less than one bucket
 * longer.
 */
export function consume(logs: readonly RuledLog[], cost: number, nowMs: number): Consumption {
  const views = logs.map((each) => viewOf(each, nowMs));
  const waitMs = Math.max(0, ...views.map((view) => waitOf(view, cost, nowMs)));
  if (waitMs === 0) for (const view of views) add(view, cost, nowMs);
  return { waitMs, usages: views.map((view) => usageOf(view, nowMs)) };
}

/** A log and its buckets that are still in the window. */
interface View extends RuledLog {
  readonly live: Bucket[];
}

/** If the clock has stepped back, shifts the log by as much, so that no request waits for the clock to catch up. */
function viewOf({ rule, log }: RuledLog, nowMs: number): View {
  const backMs = Math.max(0, (log.buckets.at(-1)?.lastMs ?? nowMs) - nowMs);
  const buckets = log.buckets.map(({ lastMs, count }) => ({ lastMs: lastMs - backMs, count }));
  const live = buckets.filter(({ lastMs }) => lastMs >= nowMs - rule.windowMs);
  if (backMs > 0) Object.assign(log, { openedAtMs: log.openedAtMs - backMs, buckets: live });
  return { rule, log, live };
}

function waitOf({ rule, live }: View, cost: number, nowMs: number): number {
  let missing = usedOf(live) + Math.min(cost, rule.limit) - rule.limit;
  if (missing <= 0) return 0;
  for (const { lastMs, count } of live) {
    missing -= count;
    if (missing <= 0) return lastMs + rule.windowMs + 1 - nowMs;
  }
  throw new Error('inconsistent bucket counts');
}

function add({ rule, log, live }: View, cost: number, nowMs: number): void {
  const spent = Math.min(cost, rule.limit);
  const newest = live.at(-1);
  if (newest !== undefined && (nowMs - log.openedAtMs) * BUCKETS_PER_WINDOW < rule.windowMs) {
    newest.lastMs = nowMs;
    newest.count += spent;
  } else {
    log.openedAtMs = nowMs;
    live.push({ lastMs: nowMs, count: spent });
  }
  log.buckets = live;
}

function usageOf({ rule, live }: View, nowMs: number): Usage {
  const [oldest] = live;
  return { used: usedOf(live), availableInMs: oldest === undefined ? 0 : oldest.lastMs + rule.windowMs + 1 - nowMs };
}

function usedOf(buckets: readonly Bucket[]): number {
  return buckets.reduce((used, { count }) => used + count, 0);
}
