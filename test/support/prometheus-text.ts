/** Metric of a `/metrics` response. */
export interface ExposedMetric {
  readonly help: string;
  readonly type: string;
  /** Names of its labels, except for the bounds of buckets. */
  readonly labels: ReadonlySet<string>;
}

/** Parsed response of `/metrics`. */
export class PrometheusText {
  readonly metrics: ReadonlyMap<string, ExposedMetric>;
  private readonly values = new Map<string, number>();

  constructor(text: string) {
    const metrics = new Map<string, ExposedMetric & { readonly labels: Set<string> }>();
    const [helps, types] = [new Map<string, string>(), new Map<string, string>()];
    for (const line of text.split('\n')) {
      const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
      if (keyword !== undefined) (keyword === 'HELP' ? helps : types).set(name, rest);
      const [, series, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (series !== undefined) this.addLine(series, labels, Number(value));
    }
    for (const [name, help] of helps) metrics.set(name, { help, type: types.get(name) ?? '', labels: new Set() });
    for (const line of this.values.keys()) {
      const [name = '', labels = ''] = line.split('{');
      const metric = metrics.get(name) ?? metrics.get(name.replace(/_(bucket|sum|count)$/, ''));
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') metric?.labels.add(label);
    }
    this.metrics = metrics;
  }

  /** Value of a series; undefined if it is absent. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    return this.values.get(keyOf(name, Object.entries(labels)));
  }

  private addLine(name: string, labels: string, value: number): void {
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text] as const);
    this.values.set(keyOf(name, pairs), value);
  }
}

function keyOf(name: string, labels: readonly (readonly [string, string])[]): string {
  return `${name}{${labels.map(([label, text]) => `${label}="${text}"`).sort().join(',')}}`;
}
