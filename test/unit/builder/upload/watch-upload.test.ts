import assert from 'node:assert/strict';

import { watchUpload } from '../../../../builder/upload/watch-upload.ts';
import { ManualClock } from '../../../../fixtures/clock.ts';
import { CollectingMetrics } from '../../../support/collecting-metrics.ts';
import { collectingLogger } from '../../../support/launcher-in-process.ts';

const MIB = 1024 ** 2;

describe('a running upload', () => {
  let clock: ManualClock;
  let metrics: CollectingMetrics;
  let lines: string[];
  let watch: ReturnType<typeof watchUpload>;
  beforeEach(() => {
    clock = new ManualClock();
    metrics = new CollectingMetrics();
    lines = [];
    const context = { clock, metrics, log: collectingLogger(lines), host: 'b.example.org' };
    watch = watchUpload({ image: 'debian', build: 'b1', provider: 'cloud' }, context);
  });

  const gauges = (): Record<string, string> =>
    Object.fromEntries(
      metrics.lines.map((line) => {
        const [key = '', value = ''] = line.split(':');
        const prefix = 'nodepool.builder.b.example.org.image.debian.provider.cloud.upload.';
        assert.ok(key.startsWith(prefix), key);
        return [key.slice(prefix.length), value];
      }),
    );

  it('tells statsd how far it is, and zero when it has ended', async () => {
    await clock.advance(5000);
    watch.update(10 * MIB, 40 * MIB);
    await clock.advance(5000);
    assert.deepEqual(gauges(), { bytes: `${10 * MIB}|g`, percent: '25|g', rate: `${MIB}|g` });
    watch.end();
    assert.deepEqual(gauges(), { bytes: '0|g', percent: '0|g', rate: '0|g' });
    metrics.lines.length = 0;
    await clock.advance(600_000);
    assert.deepEqual(metrics.lines, [], 'nothing comes after the end');
  });

  it('tells the log each minute in words, also while nothing moves', async () => {
    await clock.advance(58_000);
    watch.update(120 * MIB, 1200 * MIB);
    await clock.advance(2000);
    assert.equal(lines.length, 1);
    for (const part of ['upload goes on', '10 % of 1.2 GiB', '2.0 MiB/s', '9 min'])
      assert.ok(lines[0]?.includes(part), `${part} in ${lines[0] ?? ''}`);
    await clock.advance(60_000);
    assert.equal(lines.length, 2);
    for (const part of ['0 B/s', 'unknown', '2 min'])
      assert.ok(lines[1]?.includes(part), `${part} in ${lines[1] ?? ''}`);
    watch.end();
  });
});
