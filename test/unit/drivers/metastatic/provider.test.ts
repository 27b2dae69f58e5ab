import assert from 'node:assert/strict';
import { ManualClock, settle } from '../../../../fixtures/clock.ts';
import type { ProviderConfig } from '../../../../schemas/config/model.ts';
import { CloudError, hasCode } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import type { Instance, Provider } from '../../../../shared/drivers/driver.ts';
import { driver } from '../../../../shared/drivers/metastatic/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';
import { borrowedNode, FakeBorrowing } from './fake-borrowing.ts';

const YAML = `
name: meta
driver: metastatic
pools:
- name: main
  labels:
  - {name: slot, backing-label: host, max-parallel-jobs: 2, grace-time: 60}
  - {name: kept, backing-label: rock, grace-time: 10, min-retention-time: 100, max-age: 300}
`;

const never = (): AbortSignal => new AbortController().signal;

describe('the metastatic provider', () => {
  let clock: ManualClock;
  let borrowing: FakeBorrowing;
  let config: ProviderConfig;
  let provider: Provider;

  beforeEach(async () => {
    clock = new ManualClock();
    borrowing = new FakeBorrowing();
    config = providerConfig(YAML);
    provider = await driver.connect(
      config,
      {
        ...{ clock, log: silentLogger, random: () => 0.5, environment: {}, extension: undefined },
        ...{ pollSeconds: 1, imageCheckSeconds: 300, borrowing },
      },
      never(),
    );
  });
  afterEach(() => provider.close());

  function launch(nodeId: string, label = 'slot', signal = never()): Promise<Instance> {
    const spec = launchSpec(config, label, {
      nodeId,
      created: (_, driverData, on) => borrowing.created(nodeId, driverData, on),
    });
    const launching = provider.launch?.(spec, signal);
    assert.ok(launching);
    launching.catch(() => undefined);
    return launching;
  }

  const placeOf = ({ driverData, slot }: Instance): string =>
    `${(driverData as { backing_node: string }).backing_node}/${slot}`;

  it('asks for one backing node for as many nodes as it has slots', async () => {
    const launches = ['a', 'b', 'c'].map((id) => launch(id));
    await settle();
    assert.deepEqual(
      borrowing.orders.map(({ wish }) => wish),
      Array(2).fill({
        label: 'host',
        data: { label: 'slot', slots: 2, failed: false, launched: 1_700_000_000 },
      }),
    );
    borrowing.fulfil(borrowing.orders[0], '1');
    borrowing.fulfil(borrowing.orders[1], '2');
    const places = (await Promise.all(launches)).map(placeOf);
    assert.deepEqual(places, ['1/0', '1/1', '2/0']);
    assert.equal(borrowing.orders.length, 2);
  });

  it('lets a node be reached as its backing node', async () => {
    borrowing.put(borrowedNode('1'));
    const instance = await launch('a');
    assert.deepEqual(instance, {
      ...{ interfaceIp: '192.0.2.1', username: 'zuul', hostKeys: ['key'] },
      ...{ externalId: 'a', slot: 0, resources: { instances: 1, cores: 0, ram: 0 } },
      driverData: {
        metadata: {
          nodepool_node_id: 'a',
          nodepool_pool_name: 'main',
          nodepool_provider_name: 'meta',
        },
        ...{ backing_node: '1', slot: 0, node: 'a' },
      },
    });
  });

  it('gives a slot that falls free to who waits, and takes the request back', async () => {
    borrowing.put(borrowedNode('1', { slots: 1 }));
    await launch('a');
    const waiting = launch('b');
    await settle();
    assert.equal(borrowing.orders.length, 1);
    borrowing.gone('a');
    assert.equal(placeOf(await waiting), '1/0');
    await settle();
    assert.ok(borrowing.takenBack > 0);
  });

  it('takes the request back when nobody waits any more', async () => {
    const controller = new AbortController();
    const launching = launch('a', 'slot', controller.signal);
    await settle();
    controller.abort(new Error('stop'));
    await assert.rejects(launching, (error) => hasCode(error, 'NP_ABORTED'));
    await settle();
    assert.ok(borrowing.takenBack > 0);
  });

  it('fails those alone who had counted on the node that cannot be had', async () => {
    const launches = ['a', 'b', 'c'].map((id) => launch(id));
    await settle();
    borrowing.orders[0]?.reject(new CloudError('NP_CLOUD_CAPACITY', 'nobody can'));
    const results = await Promise.allSettled(launches.slice(0, 2));
    assert.ok(results.every(({ status }) => status === 'rejected'));
    await assert.rejects(launches[0] ?? launch('x'), (error) =>
      hasCode(error, 'NP_CLOUD_TRANSIENT'),
    );
    borrowing.fulfil(borrowing.orders[1], '2');
    assert.ok(launches[2]);
    assert.equal(placeOf(await launches[2]), '2/0');
  });

  it('looks again when another launcher was quicker', async () => {
    borrowing.put(borrowedNode('1'));
    const settled = borrowing.settled.bind(borrowing);
    borrowing.settled = async () => {
      borrowing.settled = settled;
      const driverData = { backing_node: '1', slot: 0 };
      borrowing.launch({ id: 'other', driverData, isIdle: false });
      borrowing.touch('1');
      await Promise.resolve();
    };
    assert.equal(placeOf(await launch('a')), '1/1');
  });

  it('gives no slot that was taken before what it saw of the backing node', async () => {
    borrowing.put(borrowedNode('1'));
    borrowing.settled = () => {
      // Known late: the revision that the driver has seen contains it.
      const driverData = { backing_node: '1', slot: 0 };
      borrowing.launch({ id: 'other', driverData, isIdle: false });
      return Promise.resolve();
    };
    assert.equal(placeOf(await launch('a')), '1/1');
  });

  it('frees the old slot of a node that is launched anew', async () => {
    borrowing.put(borrowedNode('1', { slots: 1 }));
    await launch('a');
    assert.equal(placeOf(await launch('a')), '1/0');
  });

  it('gives a backing node back when it has been idle for its grace time', async () => {
    borrowing.put(borrowedNode('1'));
    await launch('a');
    await clock.advance(100_000);
    borrowing.gone('a');
    await clock.advance(59_000);
    assert.deepEqual(borrowing.returned, []);
    await clock.advance(2_000);
    assert.deepEqual(borrowing.returned, ['1']);
  });

  it('gives it back after its grace time where the clock was wrong when it fell idle', async () => {
    const now = clock.now.bind(clock);
    let wrongByMs = 0;
    clock.now = () => now() + wrongByMs;
    borrowing.put(borrowedNode('1'));
    await launch('a');
    wrongByMs = 86_400_000;
    borrowing.gone('a');
    await settle();
    wrongByMs = 0;
    await clock.advance(200_000);
    assert.deepEqual(borrowing.returned, ['1']);
  });

  it('keeps it for min-retention-time, and no longer than max-age', async () => {
    const launched = clock.now() / 1000;
    borrowing.put(borrowedNode('1', { label: 'kept', slots: 1, launched }));
    await clock.advance(99_000);
    assert.deepEqual(borrowing.returned, []);
    await clock.advance(2_000);
    assert.deepEqual(borrowing.returned, ['1']);
    const old = borrowedNode('2', { label: 'kept', slots: 1, launched: launched - 300 });
    borrowing.put(old);
    void launch('a', 'kept').catch(() => undefined);
    await clock.advance(1_000);
    assert.deepEqual(borrowing.returned, ['1', '2']);
    assert.equal(borrowing.orders.length, 1);
  });

  it('gives a node of a label that nobody offers any more back at once', async () => {
    borrowing.offered.add('elsewhere');
    borrowing.put(borrowedNode('1', { label: 'elsewhere' }));
    borrowing.put(borrowedNode('2', { label: 'nowhere' }));
    await settle();
    assert.deepEqual(borrowing.returned, ['2']);
  });

  it('gives no more slots of a node whose scan failed, and gives it back when it is empty', async () => {
    borrowing.put(borrowedNode('1'));
    const { driverData } = await launch('a');
    await launch('b');
    borrowing.gone('b');
    await provider.scanFailed?.({ externalId: 'a', nodeId: 'a', driverData }, never());
    assert.equal(borrowing.get('1')?.data.failed, true);
    void launch('c');
    await settle();
    assert.equal(borrowing.orders.length, 1);
    borrowing.gone('a');
    await settle();
    assert.deepEqual(borrowing.returned, ['1']);
  });

  it('deletes idle nodes whose backing node is gone, and no others', async () => {
    const driverData = { backing_node: '9', slot: 0 };
    borrowing.launch({ id: 'used', driverData, isIdle: false });
    borrowing.launch({ id: 'idle', driverData, isIdle: true });
    await settle();
    assert.deepEqual(borrowing.discarded, ['idle']);
  });
});
