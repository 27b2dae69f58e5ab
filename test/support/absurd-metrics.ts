/** Metrics with every kind of value and of name, for parsers to choke on. */
import type { Counter, Gauge, Timer } from '../../shared/telemetry/metric.ts';
import { metricsOf } from '../../shared/telemetry/names/all.ts';
import { PrometheusMetrics } from '../../shared/telemetry/prometheus/registry.ts';

export const ABSURD_NAMES: readonly string[] = [
  'a.b.example.org',
  'quo"te',
  'back\\slash\\n',
  'line\nfeed\r',
  '{brace="x"} 1 # EOF',
  'tab\tand\u0000nul',
  'snö 雪 🌨',
  'half \ud83c of one',
  '',
  '__proto__',
  'constructor',
  'x'.repeat(5000),
];

const VALUES: readonly number[] = [Infinity, -Infinity, NaN, 1e21, 0.1, -7];

/** Each metric of a launcher, each label with each of the names. */
export function absurdMetrics(names: readonly string[] = ABSURD_NAMES): PrometheusMetrics {
  const metrics = new PrometheusMetrics({ program: 'launcher', isKnown: () => true });
  const all = metricsOf('launcher');
  const labelsOf = (labels: readonly string[], name: string): Record<string, string> =>
    Object.fromEntries(labels.map((label) => [label, name]));
  for (const name of names) {
    for (const metric of all) {
      const labels = labelsOf(metric.labels, name);
      if (metric.kind === 'counter') metrics.increment(metric as Counter, labels, 3);
      else if (metric.kind === 'gauge') metrics.gauge(metric as Gauge, labels, 1);
      else metrics.timing(metric as Timer, labels, 1500);
    }
  }
  metrics.collect(() =>
    names.flatMap((name, index) =>
      all.flatMap((metric) =>
        metric.kind === 'gauge' || metric.isCollected === true
          ? [
              {
                metric: metric as Gauge,
                labels: labelsOf(metric.labels, name),
                value: metric.kind === 'gauge' ? (VALUES[index % VALUES.length] ?? 0) : index,
              },
            ]
          : [],
      ),
    ),
  );
  return metrics;
}
