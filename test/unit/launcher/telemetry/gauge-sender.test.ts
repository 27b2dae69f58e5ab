import assert from 'node:assert/strict';

import type { Context } from '../../../../launcher/context.ts';
import { ClusterGauges } from '../../../../launcher/telemetry/cluster-gauges.ts';
import { GaugeSender } from '../../../../launcher/telemetry/gauge-sender.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { STATS_ELECTION } from '../../../../shared/store/paths.ts';
import { Lock } from '../../../../shared/zookeeper/lock.ts';
import { CollectingMetrics } from '../../../support/collecting-metrics.ts';
import { StoreWorld } from '../../../support/fake-store.ts';

class Stage {
  readonly metrics = new CollectingMetrics({ takesGauges: true });
  readonly world: StoreWorld;
  readonly sender: GaugeSender;

  private constructor(world: StoreWorld, gauges: ClusterGauges) {
    this.world = world;
    const { store, clock } = world;
    const context = { store, clock, metrics: this.metrics, log: silentLogger };
    this.sender = new GaugeSender({
      context: context as unknown as Context,
      ...{ identifier: 'host-7', cluster: () => gauges.samples(), local: () => [] },
    });
  }

  static async open(): Promise<Stage> {
    const world = new StoreWorld();
    const gauges = new ClusterGauges(world.store);
    await world.store.start(new AbortController().signal);
    return new Stage(world, gauges);
  }

  /** What has been told since the last time, zeros left out. */
  told(): string[] {
    return this.metrics.lines.splice(0).filter((line) => !line.endsWith(':0|g'));
  }
}

describe('who tells statsd of nodes', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open();
  });
  afterEach(() => stage.sender.stop());

  it('tells after the election, and then when something changes, at most once a second', async () => {
    const { world, sender } = stage;
    sender.start();
    await world.clock.advance(0);
    assert.equal(stage.metrics.lines.length, 11, 'all states, before there is anything');
    assert.deepEqual(stage.told(), []);
    await world.clock.advance(60_000);
    assert.deepEqual(stage.metrics.lines, [], 'nothing while nothing changes');

    await world.node({ state: 'ready', type: ['small'] });
    await world.clock.advance(0);
    assert.deepEqual(stage.told(), [
      'nodepool.nodes.ready:1|g',
      'nodepool.provider.cloud.nodes.ready:1|g',
      'nodepool.label.small.nodes.ready:1|g',
    ]);
    await world.node({ state: 'ready', type: ['small'] });
    await world.node({ state: 'hold', type: [] });
    await world.clock.advance(999);
    assert.deepEqual(stage.told(), [], 'the second is not over');
    await world.clock.advance(1);
    assert.deepEqual(stage.told(), [
      'nodepool.nodes.ready:2|g',
      'nodepool.nodes.hold:1|g',
      'nodepool.provider.cloud.nodes.ready:2|g',
      'nodepool.provider.cloud.nodes.hold:1|g',
      'nodepool.label.small.nodes.ready:2|g',
    ]);
  });

  it('stands in the election under its name', async () => {
    const { world, sender } = stage;
    sender.start();
    await world.clock.advance(0);
    const [child = ''] = world.server.znodes.children(STATS_ELECTION).children;
    assert.equal(world.server.znodes.get(`${STATS_ELECTION}/${child}`).data.toString(), 'host-7');
  });

  it('is silent while another one has won, and tells when that one has gone', async () => {
    const { world, sender } = stage;
    const other = await new Lock(world.other, STATS_ELECTION).tryAcquire({ createParents: true });
    assert.ok(other);
    sender.start();
    await world.node({ state: 'ready', type: ['small'] });
    await world.clock.advance(5000);
    assert.deepEqual(stage.metrics.lines, []);
    await other.held.release();
    await world.clock.advance(0);
    assert.equal(stage.told()[0], 'nodepool.nodes.ready:1|g');
  });

  it('sets what is not there any more to 0, once', async () => {
    const { world, sender } = stage;
    sender.start();
    const node = await world.node({ state: 'ready', type: ['gone'] });
    await world.clock.advance(0);
    assert.ok(stage.told().includes('nodepool.label.gone.nodes.ready:1|g'));
    await world.other.delete(node.path);
    await world.clock.advance(1000);
    const zero = 'nodepool.label.gone.nodes.ready:0|g';
    assert.deepEqual(
      stage.metrics.lines.splice(0).filter((line) => line.includes('.gone.')),
      [zero],
    );
    await world.node({ state: 'ready', type: ['small'] });
    await world.clock.advance(1000);
    assert.ok(!stage.metrics.lines.some((line) => line.includes('.gone.')));
  });

  it('counts for each pool the requests whose labels it has, whatever their state', async () => {
    const { world, sender } = stage;
    const pool = {
      hostname: 'h',
      kind: 'pool',
      state: 'running',
      version: '1',
      model_api: 0,
    } as const;
    const registration = world.store.components.register({
      ...{ ...pool, id: 'h-1', name: 'main', provider_name: 'cloud.example' },
      supported_labels: ['small', 'large'],
    });
    sender.start();
    await world.request({ node_types: ['small', 'small'], state: 'pending' });
    await world.request({ node_types: ['small', 'large'] });
    await world.request({ node_types: ['large', 'other'] });
    await world.clock.advance(2000);
    const key = 'nodepool.provider.cloud.example.pool.main.addressable_requests';
    assert.equal(
      stage.told().findLast((line) => line.startsWith(key)),
      `${key}:2|g`,
    );
    assert.ok(!stage.told().some((line) => line.includes('label.other')));
    await registration.remove();
  });
});
