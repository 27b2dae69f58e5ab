import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../../../shared/base/clock.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import {
  metricPart,
  metricsFromEnvironment,
  noMetrics,
} from '../../../shared/telemetry/metrics.ts';

const env = { clock: systemClock, log: silentLogger };

describe('metrics', () => {
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
    metrics.gauge('nodepool.nodes.ready', 7);
    metrics.gauge('nodepool.below', -3);
    metrics.gauge('nodepool.provider.a.b.max_servers', Number.POSITIVE_INFINITY);
    metrics.timing('nodepool.launch.ready', 1234);
    metrics.increment('nodepool.launch.ready');
    metrics.increment('nodepool.provider.p.leaked.ports', 4);
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
    for (let i = 0; i < 100; i++) metrics.gauge(`nodepool.label.some-label-${i}.nodes.ready`, i);
    const all = await packets('some-label-99.');
    assert.ok(all.length > 5);
    for (const packet of all) assert.ok(packet.length <= 512);
    assert.equal(all.join('\n').split('\n').length, 100);
    await metrics.close();
  });

  it('survive a key that would break the wire format', async () => {
    const metrics = metricsFromEnvironment(
      { STATSD_HOST: '127.0.0.1', STATSD_PORT: String(port) },
      env,
    );
    metrics.increment('nodepool.launch.provider.a:1|c\nb.ready');
    const [packet] = await packets('ready');
    assert.equal(packet, 'nodepool.launch.provider.a_1_c_b.ready:1|c');
    await metrics.close();
  });

  it('replace dots and colons where a part may open no level', () => {
    assert.equal(metricPart('NodePool:min-ready.x'), 'NodePool_min-ready_x');
  });
});
