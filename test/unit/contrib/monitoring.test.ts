/** The dashboard and the alert rules, as far as they can be judged without a Prometheus. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { dashboard, rows } from '../../../contrib/generate/grafana/dashboard.ts';
import type { Metric } from '../../../shared/telemetry/metric.ts';
import { metricsOf } from '../../../shared/telemetry/names/all.ts';
import { PrometheusMetrics } from '../../../shared/telemetry/prometheus/registry.ts';
import { groupingsOf, selectorsOf } from '../../support/promql.ts';

const root = resolve(import.meta.dirname, '../../..');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const readText = (path: string): Promise<string> => readFile(resolve(root, path), 'utf8');

async function rulesOf(path: string): Promise<Rule[]> {
  const { groups } = parse(await readText(path)) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

const metrics = new Map<string, Metric>(
  (['launcher', 'builder'] as const).flatMap((program) =>
    metricsOf(program).map((metric) => [metric.name, metric]),
  ),
);
/** Of the series: `_bucket` and so on are parts of a histogram. */
const PARTS = { histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count', ''] };

function metricOf(name: string): Metric | undefined {
  for (const metric of metrics.values()) {
    const suffixes = metric.kind in PARTS ? PARTS[metric.kind as keyof typeof PARTS] : [''];
    if (suffixes.some((suffix) => name === metric.name + suffix)) return metric;
  }
  return undefined;
}

/** What is wrong with a query: names that nobody tells. */
function problemsOf(expr: string, ofProcess: ReadonlySet<string>): string[] {
  const selectors = selectorsOf(expr);
  if (selectors.length === 0) return ['asks for nothing'];
  const known = new Set(['job', 'instance', 'le']);
  const problems = selectors.flatMap(({ metric, labels }) => {
    const definition = metricOf(metric);
    if (!definition) return ofProcess.has(metric) ? [] : [`${metric}: no such metric`];
    for (const label of definition.labels) known.add(label);
    return labels
      .filter((label) => !['job', 'instance', ...definition.labels].includes(label))
      .map((label) => `${metric} has no label ${label}`);
  });
  const groupings = groupingsOf(expr).filter((label) => !known.has(label));
  return [...problems, ...groupings.map((label) => `nothing has a label ${label}`)];
}

async function processMetrics(): Promise<Set<string>> {
  const registry = new PrometheusMetrics({ program: 'launcher', isKnown: () => true });
  const families = await registry.families();
  const names = families.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_sum`, `${name}_count`, `${name}_bucket`] : [name],
  );
  await registry.close();
  return new Set(['up', ...names]);
}

describe('the dashboard for Grafana', () => {
  it('is what `npm run generate` makes', async () => {
    const file: unknown = JSON.parse(await readText('contrib/grafana/nodepool.json'));
    assert.deepEqual(file, dashboard(), 'run `npm run generate`');
  });

  it('asks for metrics and labels that there are', async () => {
    const ofProcess = await processMetrics();
    for (const { title, queries } of rows.flatMap(({ panels }) => panels)) {
      assert.ok(queries.length > 0, title);
      for (const { expr, legend } of queries) {
        assert.deepEqual(problemsOf(expr, ofProcess), [], `${title}: ${expr}`);
        const labels = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
        const given = groupingsOf(expr);
        assert.deepEqual(
          labels.filter((label) => !given.includes(label)),
          [],
          `legend of ${title}`,
        );
      }
    }
  });

  it('shows each metric of Prometheus, or one that tells more', () => {
    const shown = new Set(
      rows
        .flatMap(({ panels }) => panels)
        .flatMap(({ queries }) => queries)
        .flatMap(({ expr }) => selectorsOf(expr))
        .map(({ metric }) => metricOf(metric)?.name),
    );
    const missing = [...metrics.keys()].filter((name) => !shown.has(name));
    // Their siblings with more labels or buckets are there, and what the state is made of.
    assert.deepEqual(missing.toSorted(), [
      'nodepool_builder_upload_bytes',
      'nodepool_builder_upload_state',
      'nodepool_dib_image_build_last_build',
      'nodepool_image_build_requested',
      'nodepool_image_update_timer',
      'nodepool_launch_by_provider_az_timer',
      'nodepool_launch_timer',
      'nodepool_zookeeper_events_total',
    ]);
  });

  it('has panels with a place, a title and a description each', () => {
    const { panels } = dashboard();
    const taken = new Set<string>();
    for (const { gridPos, title } of panels) {
      assert.ok(title.length > 0);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(x < 24 && !taken.has(`${x} ${y}`), `${title} lies over another`);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});

describe('the alert rules', () => {
  it('ask for metrics and labels that there are', async () => {
    const ofProcess = await processMetrics();
    for (const { alert, expr } of await rulesOf('contrib/prometheus/alerts.yaml')) {
      assert.deepEqual(problemsOf(expr, ofProcess), [], alert);
    }
  });

  it('say how bad it is, what it is, and what to do', async () => {
    const guide = await readText('docs/operator-guide.md');
    for (const { alert, labels, annotations } of await rulesOf('contrib/prometheus/alerts.yaml')) {
      assert.match(labels.severity ?? '', /^(?:critical|warning)$/, alert);
      assert.ok((annotations.summary ?? '').length > 10, alert);
      assert.ok((annotations.description ?? '').length > 20, alert);
      assert.equal(annotations.runbook_url, `docs/operator-guide.md#${alert.toLowerCase()}`);
      assert.ok(guide.includes(`\n#### ${alert}\n`), `${alert} has no section in the guide`);
    }
  });
});
