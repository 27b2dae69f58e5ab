/**
 * The real statsd_exporter with our mapping, told every metric by our own client of statsd: each comes
 * out under its name, with its labels, as its type, and with its value. Skipped without the shared tools.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { run } from '../../../fixtures/processes/run.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import type { Counter, Gauge, Metric, Timer } from '../../../shared/telemetry/metric.ts';
import { metricGroups } from '../../../shared/telemetry/names/all.ts';
import { metricsFromEnvironment } from '../../../shared/telemetry/statsd.ts';
import { eventually } from '../../support/eventually.ts';
import { projectRoot } from '../../support/peers.ts';
import { readExposition, valueIn } from '../../support/read-exposition.ts';

const MAPPING = join(projectRoot, 'contrib/statsd_exporter/statsd-mapping.yaml');
const PORTS = { STATSD_UDP_PORT: '18225', STATSD_WEB_PORT: '18226' };
const START_MS = 180_000;
/** A wrong form for some label would break the rule: these are what daemons send. */
const VALUES: Readonly<Record<string, string>> = {
  ...{ state: 'in-use', result: 'error.keyscan', image: 'debian-12.5', label: 'ubuntu-24.04' },
};

describe('statsd_exporter with our mapping', function () {
  this.timeout(2 * START_MS);
  const script = resolve(
    projectRoot,
    process.env.NODEPOOL_TOOLS ?? '../shared/tools',
    'statsd-up.sh',
  );
  let folder: string;
  let settings: Readonly<Record<string, string>>;

  before(async function () {
    if (!existsSync(script)) {
      console.log('      skipped: no shared tools');
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 'nodepool-exporter-'));
    const env = { ...process.env, ...PORTS, STATSD_MAPPING: MAPPING };
    const output = await run(script, ['up', folder], { env });
    const found = [...output.matchAll(/^(STATSD_\w+)=(.*)$/gm)];
    settings = Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
  });
  after(async () => {
    if ((folder as string | undefined) === undefined) return;
    await run(script, ['down', folder]);
    await rm(folder, { recursive: true, force: true });
  });

  it('gives every metric its name, labels, type and value', async () => {
    const metrics = metricsFromEnvironment(settings, { clock: systemClock, log: silentLogger });
    const sent = metricGroups
      .flatMap((group) => group.metrics)
      .filter(({ statsd }) => statsd !== undefined);
    const labelsOf = ({ labels }: Metric): Record<string, string> =>
      Object.fromEntries(labels.map((label) => [label, VALUES[label] ?? label]));
    for (const metric of sent) {
      const labels = labelsOf(metric);
      if (metric.kind === 'counter') metrics.increment(metric as Counter, labels, 3);
      else if (metric.kind === 'gauge') metrics.gauge(metric as Gauge, labels, 7);
      else metrics.timing(metric as Timer, labels, 2500);
    }
    await eventually(async () => {
      const response = await fetch(settings.STATSD_METRICS ?? '');
      const families = readExposition(await response.text(), 'text');
      for (const metric of sent) {
        const { name, kind } = metric;
        const labels = labelsOf(metric);
        assert.equal(families.get(name)?.type, kind, name);
        const suffix = { counter: '', gauge: '', histogram: '_sum', summary: '_sum' }[kind];
        const value = { counter: 3, gauge: 7, histogram: 2.5, summary: 2.5 }[kind];
        assert.equal(valueIn(families, name + suffix, labels), value, name);
      }
      const own = [...families.keys()].filter((name) => name.startsWith('nodepool'));
      assert.equal(own.length, sent.length, 'nothing under a raw name');
    });
    await metrics.close();
  });
});
