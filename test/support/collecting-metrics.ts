/** Metrics that a test looks at: each call as a line of statsd, in order. */
import type { Metrics } from '../../shared/telemetry/metrics.ts';

export class CollectingMetrics implements Metrics {
  readonly lines: string[] = [];

  increment(key: string, count = 1): void {
    this.lines.push(`${key}:${count}|c`);
  }

  gauge(key: string, value: number): void {
    this.lines.push(`${key}:${value}|g`);
  }

  timing(key: string, milliseconds: number): void {
    this.lines.push(`${key}:${milliseconds}|ms`);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
