/**
 * Metrics for Prometheus: counters and times are kept by prom-client in a registry of our own; gauges
 * are read from their sources when somebody asks, so that what has gone leaves nothing behind.
 *
 * Loaded only where there is a web server to ask. Times come in milliseconds and go out in seconds.
 */
import * as prometheus from 'prom-client';

import type { Counter, Gauge, Labels, Metric, Sample, Timer } from '../metric.ts';
import type { Metrics } from '../metrics.ts';
import { metricsOf, type Program } from '../names/all.ts';
import type { Family, Series } from './exposition.ts';
import { SampleTable } from './sample-table.ts';

export interface PrometheusOptions {
  readonly program: Program;
  /**
   * Whether a label's value is still of the configuration. Series that count for another one are
   * dropped, so that those of a provider or image that was taken out disappear.
   */
  readonly isKnown: (label: string, value: string) => boolean;
}

/** As the exporter has them for the original's timers. */
const QUANTILES = [0.5, 0.9, 0.99];
const QUANTILE_AGE_SECONDS = 600;
const QUANTILE_STEPS = 5;

export class PrometheusMetrics implements Metrics {
  readonly takesGauges = false;
  readonly #options: PrometheusOptions;
  readonly #registry = new prometheus.Registry();
  readonly #counters = new Map<Metric, prometheus.Counter>();
  readonly #timers = new Map<Metric, prometheus.Histogram | prometheus.Summary>();
  readonly #kept = new SampleTable();
  readonly #sources: (() => Iterable<Sample>)[] = [];

  constructor(options: PrometheusOptions) {
    this.#options = options;
    for (const metric of metricsOf(options.program)) this.#define(metric);
    prometheus.collectDefaultMetrics({ register: this.#registry });
  }

  /** Asked at each look, at most once a second. */
  collect(source: () => Iterable<Sample>): void {
    this.#sources.push(source);
  }

  increment<L extends string>(metric: Counter<L>, labels: Labels<NoInfer<L>>, count = 1): void {
    this.#counters.get(metric)?.inc(labels, count);
  }

  gauge<L extends string>(metric: Gauge<L>, labels: Labels<NoInfer<L>>, value: number): void {
    if (metric.isKept === true) this.#kept.set({ metric, labels, value });
  }

  timing<L extends string>(metric: Timer<L>, labels: Labels<NoInfer<L>>, ms: number): void {
    this.#timers.get(metric)?.observe(labels, ms / 1000);
  }

  close(): Promise<void> {
    this.#registry.clear();
    return Promise.resolve();
  }

  /** Everything there is to tell now. */
  async families(): Promise<Family[]> {
    const table = new SampleTable();
    for (const sample of this.#kept.samples()) if (this.#isKnown(sample.labels)) table.set(sample);
    for (const source of this.#sources) for (const sample of source()) table.set(sample);
    const counted: Family[] = [];
    for (const one of await this.#registry.getMetricsAsJSON()) {
      if (!one.name.startsWith(UNTOLD)) counted.push(this.#family(one));
    }
    return [...counted, ...table.families()];
  }

  #define(metric: Metric): void {
    const { name, help, labels: labelNames } = metric;
    const common = { name, help, labelNames, registers: [this.#registry] };
    if (metric.kind === 'counter' && metric.isCollected !== true)
      this.#counters.set(metric, new prometheus.Counter(common));
    if (metric.kind === 'histogram') {
      const buckets = [...(metric.buckets ?? [])];
      this.#timers.set(metric, new prometheus.Histogram({ ...common, buckets }));
    }
    if (metric.kind === 'summary') {
      const summary = new prometheus.Summary({
        ...common,
        percentiles: QUANTILES,
        maxAgeSeconds: QUANTILE_AGE_SECONDS,
        ageBuckets: QUANTILE_STEPS,
      });
      this.#timers.set(metric, summary);
    }
  }

  #family(found: FoundMetric): Family {
    const { name, help } = found;
    // At run time it is the word, whatever the package's types say.
    const type = found.type as unknown as Family['type'];
    return { name, help, type, series: this.#seriesOf(found) };
  }

  #seriesOf({ name, values }: FoundMetric): Series[] {
    const series: Series[] = [];
    const gone = new Map<string, Labels<string>>();
    for (const { labels: found, value, metricName = name } of values) {
      const labels = found as Series['labels'];
      if (this.#isKnown(labels))
        series.push({ suffix: metricName.slice(name.length), labels, value });
      else {
        const own = Object.entries(labels).filter(([label]) => !OF_A_PART.has(label));
        gone.set(JSON.stringify(own), Object.fromEntries(own) as Labels<string>);
      }
    }
    for (const labels of gone.values()) this.#registry.getSingleMetric(name)?.remove(labels);
    return series;
  }

  #isKnown(labels: Series['labels']): boolean {
    for (const label in labels) {
      const value = labels[label];
      if (typeof value === 'string' && !this.#options.isKnown(label, value)) return false;
    }
    return true;
  }
}

/** Gauges whose names say that they are counters. */
const UNTOLD = 'nodejs_active_';

/** Labels that tell the parts of one histogram or summary apart. */
const OF_A_PART: ReadonlySet<string> = new Set(['le', 'quantile']);

type FoundMetric = prometheus.MetricObjectWithValues<prometheus.MetricValueWithName<string>>;
