/**
 * Where metrics are told: to statsd, to Prometheus, to both, or to nobody. What can be told stands in
 * `names/`. None of these calls waits or throws.
 */
import type { Counter, Gauge, Labels, Timer } from './metric.ts';

export interface Metrics {
  /** Whether gauges are of use: they are read from caches, which costs something. */
  readonly takesGauges: boolean;
  /** Counts events. Default one. */
  increment<L extends string>(metric: Counter<L>, labels: Labels<NoInfer<L>>, count?: number): void;
  gauge<L extends string>(metric: Gauge<L>, labels: Labels<NoInfer<L>>, value: number): void;
  timing<L extends string>(
    metric: Timer<L>,
    labels: Labels<NoInfer<L>>,
    milliseconds: number,
  ): void;
  /** Sends what waits, and tells nothing more. */
  close(): Promise<void>;
}

export const noMetrics: Metrics = {
  takesGauges: false,
  increment: () => undefined,
  gauge: () => undefined,
  timing: () => undefined,
  close: () => Promise.resolve(),
};

/** Tells all of several. */
export class MetricsFan implements Metrics {
  readonly #all: Metrics[];

  constructor(...all: readonly Metrics[]) {
    this.#all = all.filter((one) => one !== noMetrics);
  }

  /** From now on this one is told, too. */
  add(one: Metrics): void {
    this.#all.push(one);
  }

  get takesGauges(): boolean {
    return this.#all.some((one) => one.takesGauges);
  }

  increment<L extends string>(metric: Counter<L>, labels: Labels<NoInfer<L>>, count = 1): void {
    for (const one of this.#all) one.increment(metric, labels, count);
  }

  gauge<L extends string>(metric: Gauge<L>, labels: Labels<NoInfer<L>>, value: number): void {
    for (const one of this.#all) one.gauge(metric, labels, value);
  }

  timing<L extends string>(metric: Timer<L>, labels: Labels<NoInfer<L>>, ms: number): void {
    for (const one of this.#all) one.timing(metric, labels, ms);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((one) => one.close()));
  }
}
