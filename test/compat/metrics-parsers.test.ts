/**
 * Our metrics as others read them: Python's prometheus_client, whose parser of OpenMetrics is a strict
 * one, and promtool. Skipped where there is neither; names that are the original's may break rules of style.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

import { isInstalled } from '../../fixtures/processes/run.ts';
import { maxServers } from '../../shared/telemetry/names/nodes.ts';
import { exposition } from '../../shared/telemetry/prometheus/exposition.ts';
import { ABSURD_NAMES, absurdMetrics } from '../support/absurd-metrics.ts';
import { findPeers } from '../support/peers.ts';
import { readExposition } from '../support/read-exposition.ts';

const READ = `
import io, json, sys
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics
text = io.TextIOWrapper(sys.stdin.buffer, 'utf-8', newline='').read()
read = openmetrics if sys.argv[1] == 'openmetrics' else parser
samples = [[s.name, dict(s.labels), repr(float(s.value))]
           for family in read.text_string_to_metric_families(text) for s in family.samples]
json.dump(samples, sys.stdout)
`;
/** What promtool says of names that we have not chosen. */
const STYLE_OF_THE_ORIGINAL =
  /^nodepool_launch(_by_provider(_az)?)? counter metrics should have "_total" suffix$/;

type PythonSample = [string, Record<string, string>, string];

describe('our metrics, read by others', function () {
  this.timeout(120_000);
  const metrics = absurdMetrics();
  after(() => metrics.close());

  for (const format of ['text', 'openmetrics'] as const) {
    it(`are the same to prometheus_client, as ${format}`, async function () {
      const python = (await findPeers())?.zuulPython;
      if (python === undefined) return this.skip();
      const text = await exposition(await metrics.families(), format);
      const { stdout, stderr, status } = spawnSync(python, ['-c', READ, format], {
        input: text,
        maxBuffer: 1e9,
      });
      assert.equal(status, 0, stderr.toString());
      const read = JSON.parse(stdout.toString()) as PythonSample[];
      const names = read
        .filter(([name]) => name === maxServers.name)
        .map(([, labels]) => labels.provider);
      assert.deepEqual(new Set(names), new Set(ABSURD_NAMES.map((name) => name.toWellFormed())));
      const ours = [...readExposition(text, format).values()].flatMap(({ samples }) => samples);
      // Its reader of the text format gives all counters the ending.
      const key = (name: string, labels: object): string =>
        `${name.replace(/_total$/, '')} ${JSON.stringify(Object.entries(labels).sort())}`;
      assert.deepEqual(
        new Set(read.map(([name, labels]) => key(name, labels))),
        new Set(ours.map(({ name, labels }) => key(name, labels))),
      );
    });
  }

  it('pass promtool, but for names of the original', async function () {
    if (!(await isInstalled('promtool'))) return this.skip();
    const text = await exposition(await metrics.families(), 'text');
    const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input: text });
    const words = `${stdout.toString()}${stderr.toString()}`;
    assert.ok(status === 0 || status === 3, words);
    const left = words
      .split('\n')
      .filter((line) => line !== '' && !STYLE_OF_THE_ORIGINAL.test(line));
    assert.deepEqual(left, []);
  });
});
