/** Metrics that a test looks at: each call that statsd is told of as a line of it, in order. */
import {
  statsdKey,
  type Counter,
  type Gauge,
  type Labels,
  type Timer,
} from '../../shared/telemetry/metric.ts';
import type { Metrics } from '../../shared/telemetry/metrics.ts';

export class CollectingMetrics implements Metrics {
  readonly lines: string[] = [];
  readonly takesGauges: boolean;

  constructor({ takesGauges = false } = {}) {
    this.takesGauges = takesGauges;
  }

  increment<L extends string>(metric: Counter<L>, labels: Labels<NoInfer<L>>, count = 1): void {
    this.#add(statsdKey(metric, labels), `${count}|c`);
  }

  gauge<L extends string>(metric: Gauge<L>, labels: Labels<NoInfer<L>>, value: number): void {
    this.#add(statsdKey(metric, labels), `${value}|g`);
  }

  timing<L extends string>(metric: Timer<L>, labels: Labels<NoInfer<L>>, ms: number): void {
    this.#add(statsdKey(metric, labels), `${ms}|ms`);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #add(key: string | undefined, value: string): void {
    if (key !== undefined) this.lines.push(`${key}:${value}`);
  }
}
