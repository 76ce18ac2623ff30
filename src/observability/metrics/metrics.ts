import { Injectable, Logger } from '@nestjs/common';
import { collectDefaultMetrics, Registry, type Gauge } from 'prom-client';
import { ThrottledLogger } from '../../common/index.js';

/** One sample of a metric. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** The series of a histogram to which the sample belongs. */
  readonly series?: 'bucket' | 'sum' | 'count';
}

/** A metric that is measured elsewhere and read on request. */
export interface Metric {
  /** Named by the conventions of Prometheus: base units, `_total` for counters. */
  readonly name: string;
  /** A sentence that describes what one unit of it stands for. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Rejects if the values are unavailable; the metric has no samples then. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

let processRegistry: Registry | undefined;

/**
 * Metrics of the process (event loop, garbage collection, memory), registered at the first call for all applications:
 * Node never releases their observers, so they must not reference an application.
 */
export function processMetrics(): Registry {
  if (processRegistry === undefined) {
    processRegistry = new Registry();
    collectDefaultMetrics({ register: processRegistry });
  }
  return processRegistry;
}

/**
 * The metrics of this application, in the text format of Prometheus. Modules register metrics that are read on request;
 * nothing is recorded here while requests are served.
 *
 * @example
 * metrics.add({ name: 'ecogreen_mails_total', help: 'Mails sent.', type: 'counter', read: () => [{ value: sent }] });
 */
@Injectable()
export class Metrics {
  private readonly logger = new ThrottledLogger(new Logger('Metrics'));
  private readonly registry = new Registry();

  /** @throws Error if a metric of that name exists */
  add({ name, help, type, read }: Metric): void {
    const get = async () => ({ name, help, type, aggregator: 'sum', values: await this.samplesOf(name, read) });
    // A registry requires no more of a metric than this. Reasons against the classes of prom-client are in
    // docs/adr/0036-pull-based-metrics-behind-a-token.md.
    this.registry.registerMetric({ name, help, type, get } as unknown as Gauge);
  }

  /** The media type of `text()`. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** Current values of all metrics, including those of the process. Metrics that cannot be read are left out. */
  text(): Promise<string> {
    return Registry.merge([this.registry, processMetrics()]).metrics();
  }

  private async samplesOf(name: string, read: Metric['read']) {
    try {
      const samples = await read();
      this.logger.reset(name);
      return samples.map(({ series, labels = {}, value }) => {
        return { value, labels, ...(series && { metricName: `${name}_${series}` }) };
      });
    } catch (error) {
      this.logger.warn(name, `${name} cannot be read: ${String(error)}`);
      return [];
    }
  }
}
