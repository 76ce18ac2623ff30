import type { Sample } from './metrics.js';

/** Upper bounds of the buckets, in milliseconds: from a cached response to one slower than any time limit. */
const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Histogram of durations with one set of labels. */
export class DurationHistogram {
  private readonly counts = new Array<number>(BOUNDS_MS.length + 1).fill(0);
  private sumMs = 0;

  /** @param labels of every sample */
  constructor(private readonly labels: Readonly<Record<string, string>>) {}

  observe(ms: number): void {
    const bucket = BOUNDS_MS.findIndex((bound) => ms <= bound);
    const at = bucket === -1 ? BOUNDS_MS.length : bucket;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sumMs += ms;
  }

  /** Samples in seconds; the buckets are cumulative, as Prometheus requires. */
  samples(): Sample[] {
    let total = 0;
    const buckets = this.counts.map((count, at): Sample => {
      total += count;
      const bound = BOUNDS_MS[at];
      const le = bound === undefined ? '+Inf' : String(bound / 1_000);
      return { series: 'bucket', labels: { ...this.labels, le }, value: total };
    });
    const sum: Sample = { series: 'sum', labels: this.labels, value: this.sumMs / 1_000 };
    return [...buckets, sum, { series: 'count', labels: this.labels, value: total }];
  }
}
