import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../../../shared/base/clock.ts';
import { ManualClock } from '../../../fixtures/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { counter, gauge, metricPart, summary } from '../../../shared/telemetry/metric.ts';
import { noMetrics } from '../../../shared/telemetry/metrics.ts';
import { metricsFromEnvironment } from '../../../shared/telemetry/statsd.ts';
import { eventually } from '../../support/eventually.ts';
import { collectingLogger } from '../../support/launcher-in-process.ts';

const env = { clock: systemClock, log: silentLogger };

const ready = gauge('nodepool_nodes', 'Help.', {
  labels: ['state'],
  statsd: 'nodepool.nodes.{state}',
});
const below = gauge('nodepool_below', 'Help.', { statsd: 'nodepool.below' });
const maxServers = gauge('nodepool_max', 'Help.', {
  labels: ['provider'],
  statsd: 'nodepool.provider.{provider}.max_servers',
});
const launches = counter('nodepool_launch', 'Help.', {
  labels: ['result'],
  statsd: 'nodepool.launch.{result}',
});
const launchTimer = summary('nodepool_launch_timer', 'Help.', {
  labels: ['result'],
  statsd: 'nodepool.launch.{result}',
});
const byProvider = counter('nodepool_leaked', 'Help.', {
  labels: ['provider', 'kind'],
  statsd: 'nodepool.provider.{provider}.leaked.{kind}',
});
const byLabel = gauge('nodepool_nodes_by_label', 'Help.', {
  labels: ['label'],
  statsd: 'nodepool.label.{label}.nodes.ready',
});

describe('metrics in statsd', () => {
  let server: Socket;
  let port: number;
  beforeEach(async () => {
    server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    port = server.address().port;
  });
  afterEach(() => {
    server.close();
  });

  async function packets(until: string): Promise<string[]> {
    const all: string[] = [];
    while (!all.join('\n').includes(until)) {
      const [message] = (await once(server, 'message')) as [Buffer];
      all.push(message.toString());
    }
    return all;
  }

  it('are off without the variables, and on with either', async () => {
    assert.equal(metricsFromEnvironment({}, env), noMetrics);
    const metrics = metricsFromEnvironment({ STATSD_PORT: String(port) }, env);
    assert.notEqual(metrics, noMetrics);
    await metrics.close();
  });

  it('are off, not fatal, with a port that is none', () => {
    for (const value of ['x', '0', '99999', '1.5'])
      assert.equal(
        metricsFromEnvironment({ STATSD_HOST: 'h', STATSD_PORT: value }, env),
        noMetrics,
      );
  });

  it('have the wire forms of the Python client', async () => {
    const metrics = metricsFromEnvironment(
      { STATSD_HOST: '127.0.0.1', STATSD_PORT: String(port) },
      env,
    );
    metrics.gauge(ready, { state: 'ready' }, 7);
    metrics.gauge(below, {}, -3);
    metrics.gauge(maxServers, { provider: 'a.b' }, Number.POSITIVE_INFINITY);
    metrics.timing(launchTimer, { result: 'ready' }, 1234);
    metrics.increment(launches, { result: 'ready' });
    metrics.increment(byProvider, { provider: 'p', kind: 'ports' }, 4);
    const [packet] = await packets('leaked');
    assert.deepEqual(packet?.split('\n'), [
      'nodepool.nodes.ready:7|g',
      'nodepool.below:0|g',
      'nodepool.below:-3|g',
      'nodepool.provider.a.b.max_servers:inf|g',
      'nodepool.launch.ready:1234.000000|ms',
      'nodepool.launch.ready:1|c',
      'nodepool.provider.p.leaked.ports:4|c',
    ]);
    await metrics.close();
  });

  it('share packets of at most 512 bytes', async () => {
    const metrics = metricsFromEnvironment(
      { STATSD_HOST: '127.0.0.1', STATSD_PORT: String(port) },
      env,
    );
    for (let i = 0; i < 100; i++) metrics.gauge(byLabel, { label: `some-label-${i}` }, i);
    const all = await packets('some-label-99.');
    assert.ok(all.length > 5);
    for (const packet of all) assert.ok(packet.length <= 512);
    assert.equal(all.join('\n').split('\n').length, 100);
    await metrics.close();
  });

  it('go on where nobody listens, and where the name leads nowhere, with one line in the log', async () => {
    server.close();
    const gone = createSocket('udp4');
    gone.bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const dead = gone.address().port;
    gone.close();
    for (const host of ['127.0.0.1', 'nowhere.invalid']) {
      const lines: string[] = [];
      const clock = new ManualClock();
      const metrics = metricsFromEnvironment(
        { STATSD_HOST: host, STATSD_PORT: String(dead) },
        { clock, log: collectingLogger(lines) },
      );
      await eventually(async () => {
        for (let i = 0; i < 5000; i++) metrics.increment(launches, { result: 'ready' });
        await clock.advance(100);
        assert.equal(lines.filter((line) => line.includes('metrics cannot be sent')).length, 1);
      });
      for (let i = 0; i < 50; i++) {
        metrics.increment(launches, { result: 'ready' });
        await clock.advance(100);
      }
      assert.equal(lines.length, 1, lines.join('\n'));
      await metrics.close();
    }
    server = createSocket('udp4').bind(0, '127.0.0.1');
    await once(server, 'listening');
  });

  it('survive a key that would break the wire format', async () => {
    const metrics = metricsFromEnvironment(
      { STATSD_HOST: '127.0.0.1', STATSD_PORT: String(port) },
      env,
    );
    metrics.increment(byProvider, { provider: 'a:1|c\nb', kind: 'ports' });
    const [packet] = await packets('ports');
    assert.equal(packet, 'nodepool.provider.a_1_c_b.leaked.ports:1|c');
    await metrics.close();
  });

  it('replace dots and colons where a part may open no level', () => {
    assert.equal(metricPart('NodePool:min-ready.x'), 'NodePool_min-ready_x');
  });
});
