import assert from 'node:assert/strict';

import type { Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { azureSubject, type AzureSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

const NODE = '0000000001';
const TAGS = { nodepool_provider_name: 'azure-provider', nodepool_node_id: NODE };

describe('azure: the end of a machine', () => {
  let subject: AzureSubject;
  let provider: Provider;
  beforeEach(async () => {
    subject = azureSubject({ deleteSeconds: 20, cascadeSeconds: 5, lagSeconds: 3 });
    provider = await settleByTurning(subject.clock, subject.connect());
  });
  afterEach(async () => {
    await provider.close();
    subject.close();
  });

  const count = (call: string): number => subject.cloud.calls.filter((one) => one === call).length;

  const begin = (externalId = `np${NODE}`, nodeId = NODE): Promise<void> =>
    provider.delete({ externalId, nodeId, driverData: null }, never());

  const launch = (attempt = 1): Promise<unknown> =>
    settleByTurning(
      subject.clock,
      Promise.resolve(
        provider.launch?.(launchSpec(subject.config, 'marketplace', { attempt }), never()),
      ),
    );

  it('asks once, and waits for the machine; what goes with it is left to Azure', async () => {
    await launch();
    subject.cloud.calls.length = 0;
    await settleByTurning(subject.clock, begin());
    assert.equal(subject.cloud.counts.machines, 0);
    assert.equal(count('GET networkInterfaces') + count('GET disks'), 0);
    await subject.clock.advance(5000);
    assert.deepEqual(subject.cloud.counts, {
      machines: 0,
      interfaces: 0,
      publicIps: 0,
      disks: 0,
      images: 0,
    });
    const deleted = subject.cloud.calls.filter((call) => call.startsWith('DELETE'));
    assert.deepEqual(deleted, ['DELETE virtualMachines/*'], 'Azure does the rest');
    assert.equal(count('GET virtualMachines/*'), 0, 'the launch has seen whose it is');
  });

  it('takes what is left of a machine that is gone, and nothing of other nodes', async () => {
    const { plant, disks } = subject.cloud;
    plant.disk({ name: `np${NODE}_OsDisk_1_a`, tags: TAGS });
    plant.disk({ name: `np${NODE}_OsDisk_1_b`, tags: { ...TAGS, nodepool_provider_name: 'x' } });
    plant.disk({ name: 'np0000000002_OsDisk_1_a', tags: { ...TAGS, nodepool_node_id: '2' } });
    await settleByTurning(subject.clock, begin());
    const left = disks.disks.all().map(({ name }) => name);
    assert.deepEqual(left.toSorted(), ['np0000000001_OsDisk_1_b', 'np0000000002_OsDisk_1_a']);
  });

  it('of an earlier attempt leaves the machine of the next one whole', async () => {
    await launch(2);
    const { counts } = subject.cloud;
    subject.cloud.plant.disk({ name: `np${NODE}_OsDisk_1_a`, tags: TAGS });
    await settleByTurning(subject.clock, begin());
    assert.deepEqual(subject.cloud.counts, counts);
    await settleByTurning(subject.clock, begin(`np${NODE}-2`));
    await subject.clock.advance(5000);
    assert.equal(subject.cloud.counts.machines + subject.cloud.counts.disks, 0);
  });

  it('is not that of a machine of another node, or of nobody that we know', async () => {
    const { plant } = subject.cloud;
    plant.machine({ name: 'np0000000001', tags: { ...TAGS, nodepool_node_id: '0000000009' } });
    plant.machine({ name: 'np0000000002' });
    await settleByTurning(subject.clock, begin());
    await settleByTurning(subject.clock, begin('np0000000002', '0000000002'));
    assert.equal(subject.cloud.counts.machines, 2);
  });

  it('comes for a machine without a node that is known, as leaks do, by its own tags', async () => {
    subject.cloud.plant.machine({ name: `np${NODE}`, tags: TAGS });
    await settleByTurning(subject.clock, begin(`np${NODE}`, ''));
    assert.equal(subject.cloud.counts.machines, 0);
  });

  it('is not over where a listing does not show the machine yet', async () => {
    subject.cloud.hold('create');
    const controller = new AbortController();
    const launching = provider.launch?.(
      launchSpec(subject.config, 'marketplace'),
      controller.signal,
    );
    const ended = assert.rejects(Promise.resolve(launching));
    await subject.clock.advance(100);
    assert.equal(subject.cloud.counts.machines, 1);
    controller.abort(new Error('enough'));
    await ended;
    subject.cloud.release('create');
    let isDone = false;
    const deleting = begin().then(() => (isDone = true));
    await subject.clock.advance(2000);
    assert.equal(isDone, false, 'it is being deleted for 20 seconds');
    assert.equal(count('GET networkInterfaces'), 0, 'first the machine');
    await settleByTurning(subject.clock, deleting);
    assert.equal(subject.cloud.counts.machines, 0);
  });

  it('costs a hundred no more listings than one', async () => {
    const nodes = Array.from({ length: 100 }, (_, index) => String(index).padStart(10, '0'));
    for (const nodeId of nodes)
      subject.cloud.plant.machine({
        name: `np${nodeId}`,
        tags: { ...TAGS, nodepool_node_id: nodeId },
      });
    await settleByTurning(subject.clock, provider.listInstances(never()));
    subject.cloud.calls.length = 0;
    const deleting = Promise.all(nodes.map((nodeId) => begin(`np${nodeId}`, nodeId)));
    await settleByTurning(subject.clock, deleting);
    assert.equal(subject.cloud.counts.machines, 0);
    assert.equal(count('DELETE virtualMachines/*'), 100);
    assert.equal(count('GET virtualMachines/*'), 0);
    for (const kind of ['virtualMachines', 'networkInterfaces', 'publicIPAddresses', 'disks'])
      assert.ok(count(`GET ${kind}`) <= 40, `${count(`GET ${kind}`)} listings of ${kind}`);
  });
});
