import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, Registry, type Gauge } from 'prom-client';

/** One line of a metric. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a histogram: which of its series the line belongs to. */
  readonly series?: 'bucket' | 'sum' | 'count';
}

/** Something that is counted elsewhere and read when somebody asks. */
export interface Metric {
  /** By the conventions of Prometheus: base units, `_total` for counters. */
  readonly name: string;
  /** A sentence that says what one of it is. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Rejects when nobody can tell now; the metric then has no lines. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

let processRegistry: Registry | undefined;

/**
 * Begins to watch the event loop, the garbage collector and the memory of the process, once for all its applications:
 * what watches them is never let go by Node, and must not hold an application.
 */
export function watchProcess(): Registry {
  if (processRegistry === undefined) {
    processRegistry = new Registry();
    collectDefaultMetrics({ register: processRegistry });
  }
  return processRegistry;
}

/**
 * What this application measures, in the text format of Prometheus. Whoever has figures adds a metric that reads them;
 * nothing is pushed here while requests are served.
 *
 * @example
 * metrics.add({ name: 'ecogreen_mails_total', help: 'Mails sent.', type: 'counter', read: () => [{ value: sent }] });
 */
@Injectable()
export class Metrics {
  private readonly logger = new Logger('Metrics');
  private readonly registry = new Registry();
  private readonly failing = new Set<string>();

  /** @throws Error when there is a metric of that name */
  add({ name, help, type, read }: Metric): void {
    const get = async () => ({ name, help, type, aggregator: 'sum', values: await this.linesOf(name, read) });
    // A registry asks no more of a metric than this; its own classes count in maps that are looked up by label.
    this.registry.registerMetric({ name, help, type, get } as unknown as Gauge);
  }

  /** The media type of `text()`. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics as they are now, those of the process included. It answers whatever else is down. */
  text(): Promise<string> {
    return Registry.merge([this.registry, watchProcess()]).metrics();
  }

  private async linesOf(name: string, read: Metric['read']) {
    try {
      const samples = await read();
      this.failing.delete(name);
      return samples.map(({ series, labels = {}, value }) => {
        return { value, labels, ...(series && { metricName: `${name}_${series}` }) };
      });
    } catch (error) {
      if (!this.failing.has(name)) this.logger.warn(`${name} cannot be read: ${String(error)}`);
      this.failing.add(name);
      return [];
    }
  }
}
