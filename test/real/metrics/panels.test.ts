/** A real Prometheus beside a launcher and a builder at work: no panel is empty, no alert asks in vain. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { rows } from '../../../contrib/generate/grafana/dashboard.ts';
import { eventually } from '../../support/eventually.ts';
import { selectorsOf } from '../../support/promql.ts';
import { openNodepoolSite, type NodepoolSite } from './nodepool-site.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';

const RULES = resolve(import.meta.dirname, '../../../contrib/prometheus/alerts.yaml');
/** What happens happens within that time. */
const WINDOW_SECONDS = 120;
const PATIENCE_MS = 60_000;

/** As Grafana fills a query in where everything is chosen. */
function filled(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '15s')
    .replaceAll(/\$(?:job|instance|provider)\b/g, '.*');
}

describe('metrics of processes at work', function () {
  this.timeout(300_000);
  let site: NodepoolSite;
  let prometheus: Prometheus;

  before(async () => {
    site = await openNodepoolSite();
    prometheus = await startPrometheus(Object.values(site.targets), RULES);
  });
  after(async () => {
    await prometheus.close();
    await site.close();
  });

  /** Queries that have never given a number. */
  async function emptyOnes(queries: ReadonlyMap<string, string>): Promise<string[]> {
    const empty: string[] = [];
    for (const [name, query] of queries) {
      const series = await prometheus.range(query, WINDOW_SECONDS);
      if (!series.some(({ values }) => values.some((value) => Number.isFinite(value)))) {
        empty.push(`${name}: ${query}`);
      }
    }
    return empty;
  }

  const untilFull = (queries: ReadonlyMap<string, string>): Promise<void> =>
    eventually(
      async () => {
        assert.deepEqual(await emptyOnes(queries), []);
      },
      PATIENCE_MS,
      1000,
    );

  it('are read without a complaint', async () => {
    await eventually(
      async () => {
        const problems = Object.fromEntries(await prometheus.problems());
        const none = Object.values(site.targets).map((target) => [target, '']);
        assert.deepEqual(problems, Object.fromEntries(none));
      },
      PATIENCE_MS,
      500,
    );
  });

  it('fill each panel of the dashboard', async () => {
    const queries = rows
      .flatMap(({ panels }) => panels)
      .flatMap(({ title, queries: all }) =>
        all.map(({ expr, legend }) => [`${title} (${legend})`, filled(expr)] as const),
      );
    await untilFull(new Map(queries));
  });

  it('are what the alerts ask for', async () => {
    const { groups } = parse(await readFile(RULES, 'utf8')) as {
      groups: { rules: { alert: string; expr: string }[] }[];
    };
    const queries = groups
      .flatMap(({ rules }) => rules)
      .flatMap(({ alert, expr }) =>
        selectorsOf(expr).map(
          ({ metric, text }) => [`${alert} ${metric}{${text}}`, `${metric}{${text}}`] as const,
        ),
      );
    await untilFull(new Map(queries));
  });

  it('raise the alarm for what is wrong, and for nothing else', async () => {
    const names = async (): Promise<string[]> => [
      ...new Set((await prometheus.alerts()).map(({ labels }) => labels.alertname ?? '')),
    ];
    const [absent] = (await prometheus.alerts()).filter(
      ({ labels }) => labels.alertname === 'NodepoolProviderAbsent',
    );
    assert.equal(absent?.labels.provider, 'absent');
    assert.match(absent.annotations.summary ?? '', /Provider absent cannot start/);
    const before = await names();
    for (const name of ['NodepoolNoLauncher', 'NodepoolDown', 'NodepoolZooKeeperDisconnected']) {
      assert.ok(!before.includes(name), name);
    }
    await site.launcher.stop();
    await eventually(
      async () => {
        const now = await names();
        for (const name of ['NodepoolNoLauncher', 'NodepoolDown']) assert.ok(now.includes(name));
      },
      PATIENCE_MS,
      500,
    );
  });
});
