import assert from 'node:assert/strict';

import fc from 'fast-check';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { counter, gauge } from '../../../../shared/telemetry/metric.ts';
import {
  launchesByProvider,
  launchesByRequestor,
  launchTimerByProvider,
} from '../../../../shared/telemetry/names/launches.ts';
import { dibResultCode } from '../../../../shared/telemetry/names/images.ts';
import { maxServers, nodesByProvider } from '../../../../shared/telemetry/names/nodes.ts';
import { exposition } from '../../../../shared/telemetry/prometheus/exposition.ts';
import { MetricsPage } from '../../../../shared/telemetry/prometheus/page.ts';
import { PrometheusMetrics } from '../../../../shared/telemetry/prometheus/registry.ts';
import { ABSURD_NAMES, absurdMetrics } from '../../../support/absurd-metrics.ts';
import { readExposition, valueIn, type ReadFamilies } from '../../../support/read-exposition.ts';

async function read(
  metrics: PrometheusMetrics,
  format: 'text' | 'openmetrics' = 'text',
): Promise<ReadFamilies> {
  return readExposition(await exposition(await metrics.families(), format), format);
}

describe('metrics for Prometheus', () => {
  let metrics: PrometheusMetrics;
  let providers: Set<string>;
  beforeEach(() => {
    providers = new Set(['a', 'b']);
    metrics = new PrometheusMetrics({
      program: 'launcher',
      isKnown: (label, value) => label !== 'provider' || providers.has(value),
    });
  });
  afterEach(() => metrics.close());

  it('count, and tell times in seconds', async () => {
    const labels = { provider: 'a', result: 'ready' };
    metrics.increment(launchesByProvider, labels);
    metrics.increment(launchesByProvider, labels, 2);
    metrics.timing(launchTimerByProvider, labels, 45_000);
    const families = await read(metrics);
    const { name } = launchTimerByProvider;
    assert.equal(valueIn(families, launchesByProvider.name, labels), 3);
    assert.equal(valueIn(families, `${name}_sum`, labels), 45);
    assert.equal(valueIn(families, `${name}_bucket`, { ...labels, le: '40' }), 0);
    assert.equal(valueIn(families, `${name}_bucket`, { ...labels, le: '50' }), 1);
  });

  it('drop what counts for a provider that has gone, and begin anew when it comes back', async () => {
    const of = (provider: string) => ({ provider, result: 'ready' });
    for (const provider of ['a', 'b']) {
      metrics.increment(launchesByProvider, of(provider));
      metrics.timing(launchTimerByProvider, of(provider), 1);
    }
    providers.delete('b');
    let families = await read(metrics);
    for (const name of [launchesByProvider.name, `${launchTimerByProvider.name}_count`]) {
      assert.equal(valueIn(families, name, of('a')), 1);
      assert.equal(valueIn(families, name, of('b')), undefined);
    }
    providers.add('b');
    families = await read(metrics);
    assert.equal(valueIn(families, launchesByProvider.name, of('b')), undefined, 'forgotten');
    metrics.increment(launchesByProvider, of('b'));
    assert.equal(valueIn(await read(metrics), launchesByProvider.name, of('b')), 1);
  });

  it('read gauges when asked: what is not told again is not there any more', async () => {
    let now: readonly string[] = ['a', 'b'];
    metrics.collect(() =>
      now.map((provider) => ({ metric: maxServers, labels: { provider }, value: Infinity })),
    );
    metrics.gauge(nodesByProvider, { provider: 'a', state: 'ready' }, 7);
    const families = await read(metrics);
    assert.equal(valueIn(families, maxServers.name, { provider: 'b' }), Infinity);
    assert.equal(families.get(nodesByProvider.name), undefined, 'those are for statsd');
    now = ['a'];
    assert.equal(valueIn(await read(metrics), maxServers.name, { provider: 'b' }), undefined);
  });

  it('keep a gauge that comes with an event', async () => {
    metrics.gauge(dibResultCode, { image: 'i', ext: 'status' }, -9);
    assert.equal(valueIn(await read(metrics), dibResultCode.name), -9);
  });

  it('ignore what they do not know, and what nothing bounds', async () => {
    metrics.increment(counter('unknown_total', 'Unknown.'), {});
    metrics.gauge(gauge('unknown', 'Unknown.'), {}, 1);
    metrics.increment(launchesByRequestor, { requestor: 'me', result: 'ready' });
    const names = [...(await read(metrics)).keys()];
    assert.ok(!names.some((name) => name.includes('unknown') || name.includes('requestor')));
  });

  it('tell of the process, and nothing whose name says that it is something else', async () => {
    const families = await read(metrics);
    assert.ok((valueIn(families, 'process_resident_memory_bytes') ?? 0) > 1e6);
    assert.ok(families.has('nodejs_eventloop_lag_p99_seconds'));
    for (const [name, { type }] of families)
      assert.equal(name.endsWith('_total'), type === 'counter' && name.endsWith('_total'));
  });

  it('are valid with absurd names, in both formats, and hold each name whole', async () => {
    const absurd = absurdMetrics();
    for (const format of ['text', 'openmetrics'] as const) {
      const families = await read(absurd, format);
      const providersIn = new Set(
        families.get(maxServers.name)?.samples.map(({ labels }) => labels.provider),
      );
      assert.deepEqual(providersIn, new Set(ABSURD_NAMES.map((name) => name.toWellFormed())));
    }
    await absurd.close();
  });

  it('are valid with any names at all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 5 }),
        async (names) => {
          const any = absurdMetrics(names);
          try {
            await read(any, 'openmetrics');
            await read(any, 'text');
          } finally {
            await any.close();
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  it('hold a thousand providers', async () => {
    const many = absurdMetrics(Array.from({ length: 1000 }, (_, n) => `provider-${n}`));
    const text = await exposition(await many.families(), 'openmetrics');
    const { size } = new Set(
      readExposition(text, 'openmetrics')
        .get(maxServers.name)
        ?.samples.map(({ labels }) => labels.provider),
    );
    assert.equal(size, 1000);
    await many.close();
  });
});

describe('the page of metrics', () => {
  it('is made once a second, however many ask, and again after a failure', async () => {
    const clock = new ManualClock();
    let made = 0;
    let fails = false;
    const page = new MetricsPage(() => {
      made++;
      return fails ? Promise.reject(new Error('no')) : Promise.resolve([]);
    }, clock);
    await Promise.all(Array.from({ length: 50 }, () => page.body('text')));
    assert.equal(made, 1);
    assert.equal(await page.body('openmetrics'), '# EOF\n');
    assert.equal(made, 2);
    await clock.advance(1000);
    fails = true;
    await assert.rejects(page.body('text'));
    await clock.advance(1000);
    fails = false;
    assert.equal(await page.body('text'), '');
  });
});
