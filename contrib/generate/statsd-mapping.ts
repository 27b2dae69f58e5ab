/**
 * The mapping file for Prometheus's statsd_exporter, as text, from the same definitions that `/metrics`
 * is made of: so both give the same names and labels, which are those of the original's mapping.
 *
 * Names of providers, labels and images may hold dots, which open levels in statsd. Where a key says
 * nevertheless what is what, all of the name becomes the label; the original's mapping drops such keys.
 */
import { PLACE, type Metric } from '../../shared/telemetry/metric.ts';
import { metricGroups } from '../../shared/telemetry/names/all.ts';

/** What the original's mapping has beside: sent by openstacksdk, or by older launchers of Python. */
const OF_OTHERS = `  - match: '^nodepool\\.provider\\.(.+)\\.request_handler$'
    match_type: regex
    name: nodepool_provider_request_handler
    help: Runs of handlers of requests, by launchers of Python.
    labels:
      provider: $1
  - match: '^nodepool\\.task\\.([^.]+)\\.(.+)$'
    match_type: regex
    match_metric_type: counter
    name: nodepool_task
    help: Calls to clouds, by programs of Python.
    labels:
      provider: $1
      task: $2
  - match: '^nodepool\\.task\\.([^.]+)\\.(.+)$'
    match_type: regex
    match_metric_type: observer
    name: nodepool_task_timer
    help: Time of calls to clouds, by programs of Python.
    labels:
      provider: $1
      task: $2
`;

export function statsdMapping(): string {
  const rules = metricGroups.flatMap(({ metrics }) => metrics).flatMap(ruleOf);
  return `# Made by \`npm run generate\` from shared/telemetry/names. Do not edit.
# For statsd_exporter (https://github.com/prometheus/statsd_exporter): --statsd.mapping-config=...
mappings:
${rules.join('')}${OF_OTHERS}  - match: .
    match_type: regex
    action: drop
    name: dropped
`;
}

function ruleOf(metric: Metric): string[] {
  const { name, kind, labels, help, buckets } = metric;
  const pattern = patternOf(metric);
  if (pattern === undefined) return [];
  const type = { counter: 'counter', gauge: 'gauge', histogram: 'observer', summary: 'observer' };
  const lines = [
    `  - match: '${pattern}'`,
    '    match_type: regex',
    `    match_metric_type: ${type[kind]}`,
    `    name: ${name}`,
    `    help: ${help.includes("'") ? JSON.stringify(help) : `'${help}'`}`,
  ];
  if (kind === 'histogram')
    lines.push(
      '    observer_type: histogram',
      `    histogram_options:\n      buckets: [${(buckets ?? []).join(', ')}]`,
    );
  if (labels.length > 0) lines.push('    labels:');
  for (const [index, label] of placesIn(metric.statsd ?? '').entries())
    lines.push(`      ${label}: $${index + 1}`);
  return [`${lines.join('\n')}\n`];
}

/** Undefined: it is not sent to statsd. */
function patternOf({ name, statsd }: Metric): string | undefined {
  if (statsd === undefined) return undefined;
  const own = WORDS_OF[name] ?? {};
  const literal = statsd.replaceAll('.', '\\.');
  return `^${literal.replaceAll(PLACE, (_, label: string) => own[label] ?? WORDS[label] ?? ANY)}$`;
}

function placesIn(key: string): string[] {
  return [...key.matchAll(PLACE)].map(([, label = '']) => label);
}

const ANY = '(.+)';
const NO_DOT = '([^.]+)';

/** What stands for a label. These hold no dots, or say what they may be. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ state: NO_DOT, ext: NO_DOT, kind: NO_DOT, az: NO_DOT, cache: NO_DOT, queue: NO_DOT },
  ...{ tenant: NO_DOT, limit: NO_DOT, requestor: NO_DOT },
  result: '(ready|error\\..+)',
};
/** Where two names stand side by side, a dot in one of them would belong to either. */
const WORDS_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nodepool_launch_by_provider: { provider: NO_DOT },
  nodepool_launch_by_provider_timer: { provider: NO_DOT },
  nodepool_launch_by_provider_az: { provider: NO_DOT },
  nodepool_launch_by_provider_az_timer: { provider: NO_DOT },
  nodepool_image_update: { provider: NO_DOT },
  nodepool_image_update_timer: { provider: NO_DOT },
};
