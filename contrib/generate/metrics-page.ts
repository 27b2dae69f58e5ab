/** The page of metrics, as text, from their definitions in shared/telemetry/names. */
import type { Metric } from '../../shared/telemetry/metric.ts';
import { metricGroups, type MetricGroup } from '../../shared/telemetry/names/all.ts';

export function metricsPage(): string {
  return `<!-- Made by \`npm run generate\` from shared/telemetry/names. Do not edit. -->
# Metrics

Launchers and builders answer \`GET /metrics\` on their web servers, in Prometheus's text format or, where
the client prefers it, in OpenMetrics, with the same names. With \`STATSD_HOST\` or \`STATSD_PORT\` in the
environment they also send to statsd, under the keys of the original; where a key is given here, the
exporter's mapping \`contrib/statsd_exporter/statsd-mapping.yaml\` makes the same name and labels of it.

- Timers: seconds in Prometheus, milliseconds in statsd. A timer and a counter with the same key are
  one event. In OpenMetrics, counters without \`_total\` (the original's names) are of type \`unknown\`.
- Each launcher tells \`nodepool_nodes*\`, \`nodepool_addressable_requests\` and \`nodepool_requests\` of the
  whole cluster, so take \`max by (...)\` over launchers, not \`sum\`. To statsd only the launcher sends
  them that has won \`/nodepool/elections/stats\`; launchers of Python contend, too. Each builder tells
  \`nodepool_image_*\` of all images.
- Nothing that is unbounded is a label: no nodes, no requests, no requestors (statsd has those of
  launches). Tenants are told as far as the configuration limits them. Series of a provider or image
  that was taken out of the configuration disappear.
- Gauges are read from memory when asked, at most once a second.
- Beside these, both programs tell \`process_*\` (memory, CPU, file descriptors) and \`nodejs_*\` (delay of
  the event loop, heap, garbage collection) as the package prom-client has them.

${metricGroups.map(groupText).join('\n')}`;
}

function groupText({ title, programs, metrics }: MetricGroup): string {
  return `## ${title}

Told by ${programs.map((one) => `${one}s`).join(' and ')}.

| Prometheus | Type | Labels | statsd | Meaning |
| --- | --- | --- | --- | --- |
${metrics.map(row).join('\n')}
`;
}

function row(metric: Metric): string {
  const { name, kind, labels, statsd, help, isBounded } = metric;
  const cells = [
    `\`${name}\`${isBounded === false ? ' (exporter only)' : ''}`,
    kind,
    labels.map((label) => `\`${label}\``).join(', '),
    statsd === undefined ? '' : `\`${statsd.replaceAll(':part}', '}')}\``,
    help.replaceAll('|', '\\|'),
  ];
  return `| ${cells.join(' | ')} |`;
}
