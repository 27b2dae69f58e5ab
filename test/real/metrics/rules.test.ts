/** The alert rules, judged by Prometheus itself: each one fires when it should, and only then. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

import { removeWithUs } from '../../../fixtures/processes/reaper.ts';
import { ensurePrometheus } from './prometheus-package.ts';
import { ruleCases, type Scene } from './rule-cases.ts';

const RULES = resolve(import.meta.dirname, '../../../contrib/prometheus/alerts.yaml');

/** What it prints; rejects with that if it finds something. */
async function promtool(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)('promtool', [...args])).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`promtool ${args.join(' ')}:\n${stdout ?? ''}${stderr ?? ''}`, {
      cause: error,
    });
  }
}

/** How many of the alert fire then. */
function test(alert: string, { series, at }: Scene, value: 0 | 1): object {
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
        eval_time: at,
        exp_samples: [{ value }],
      },
    ],
  };
}

describe('the alert rules', function () {
  this.timeout(300_000);
  let folder: string;

  before(async () => {
    await ensurePrometheus();
    folder = await mkdtemp(join(tmpdir(), 'nodepool-rules-'));
    removeWithUs(folder);
  });

  async function judge(tests: readonly object[]): Promise<string> {
    const path = join(folder, 'tests.json');
    const file = { rule_files: [RULES], evaluation_interval: '1m', tests };
    await writeFile(path, JSON.stringify(file));
    return promtool('test', 'rules', path);
  }

  it('are rules', async () => {
    assert.match(await promtool('check', 'rules', RULES), /SUCCESS/);
  });

  it('have all been tried', async () => {
    const text = await readFile(RULES, 'utf8');
    const { groups } = parse(text) as { groups: { rules: { alert: string }[] }[] };
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    assert.deepEqual(
      ruleCases.map(({ alert }) => alert),
      alerts,
    );
  });

  for (const { alert, fires, silent } of ruleCases) {
    it(`${alert} fires when it should, and only then`, async () => {
      await judge([test(alert, fires, 1), ...silent.map((scene) => test(alert, scene, 0))]);
      // Otherwise nothing would be proved.
      await assert.rejects(judge([test(alert, fires, 0)]), /FAILED/);
    });
  }

  it('speak in sentences', async () => {
    const alert = {
      exp_labels: { severity: 'warning', provider: 'p' },
      exp_annotations: {
        summary: '66.67% of launch attempts fail in p',
        description:
          'More than half of the attempts in provider p have failed for a quarter of an hour.',
        runbook_url: 'docs/operator-guide.md#nodepoollaunchesfail',
      },
    };
    const found = ruleCases.find((one) => one.alert === 'NodepoolLaunchesFail');
    assert.ok(found);
    const scene = test(found.alert, found.fires, 1);
    const alert_rule_test = [
      { eval_time: found.fires.at, alertname: found.alert, exp_alerts: [alert] },
    ];
    await judge([{ ...scene, alert_rule_test }]);
  });
});
