/** At most `limit` in any closed span of `windowMs`, wherever it begins. */
export interface WindowRule {
  readonly limit: number;
  /** Whole milliseconds. */
  readonly windowMs: number;
}

/** So many parts has a window; a pass counts for less than one of them too long. */
export const BUCKETS_PER_WINDOW = 60;

/** Passes that are forgotten together. */
interface Bucket {
  /** Of the newest of them. */
  lastMs: number;
  count: number;
}

/** What a client has spent under one rule, oldest first; never more than `PARTS + 2` buckets. */
export interface SlidingLog {
  /** When the newest bucket took its first pass. */
  openedAtMs: number;
  buckets: Bucket[];
}

/** What is spent under a rule. */
export interface Usage {
  readonly used: number;
  /** Milliseconds until some of it is forgotten; 0 when nothing is used. */
  readonly freesInMs: number;
}

export interface Consumption {
  /** 0 when it was let pass; else the milliseconds after which it would be, if nobody spends meanwhile. */
  readonly waitMs: number;
  /** Under each rule, this spending included when it was let pass. */
  readonly usages: readonly Usage[];
}

/** A log, and the rule it is kept for. */
export interface RuledLog {
  readonly rule: WindowRule;
  readonly log: SlidingLog;
}

/**
 * Spends `cost` under all the rules, or under none: step by step what `spend.script.ts` does in Redis, of which this is
 * the model and, while Redis is away, the stand-in. What costs more than a limit takes all of it.
 *
 * A bucket takes passes for less than a part of the window after its first, and counts until its newest has left the
 * window. So every pass counts for as long as it is in the window, and for less than a part longer.
 */
export function consume(logs: readonly RuledLog[], cost: number, nowMs: number): Consumption {
  const views = logs.map((each) => viewOf(each, nowMs));
  const waitMs = Math.max(0, ...views.map((view) => waitOf(view, cost, nowMs)));
  if (waitMs === 0) for (const view of views) add(view, cost, nowMs);
  return { waitMs, usages: views.map((view) => usageOf(view, nowMs)) };
}

/** A log with what of it still counts. */
interface View extends RuledLog {
  readonly live: Bucket[];
}

/** A clock that steps back takes the log with it, as though no time had passed: nobody waits for it to catch up. */
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
  throw new Error('more is missing than was spent');
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
  return { used: usedOf(live), freesInMs: oldest === undefined ? 0 : oldest.lastMs + rule.windowMs + 1 - nowMs };
}

function usedOf(buckets: readonly Bucket[]): number {
  return buckets.reduce((used, { count }) => used + count, 0);
}
