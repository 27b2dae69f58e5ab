import assert from 'node:assert/strict';

import type { Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { ibmVpcSubject, PROVIDER, type IbmVpcSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;
const NODE = '0000000001';
const GROUP = `np_${PROVIDER}_main`;

describe('ibmvpc: the end of a machine', () => {
  let subject: IbmVpcSubject;
  let provider: Provider;
  beforeEach(async () => {
    subject = ibmVpcSubject({ deleteSeconds: 20, addressSeconds: 5, lagSeconds: 3 });
    provider = await settleByTurning(subject.clock, subject.connect());
  });
  afterEach(() => provider.close());

  const count = (call: string): number => subject.cloud.calls.filter((one) => one === call).length;
  const left = (): number => subject.cloud.counts.instances + subject.cloud.counts.floatingIps;
  const begin = (externalId = `np${NODE}`, nodeId = NODE): Promise<void> =>
    provider.delete({ externalId, nodeId, driverData: null }, never());
  const end = (...target: Parameters<typeof begin>): Promise<void> =>
    settleByTurning(subject.clock, begin(...target));
  const launch = (signal = never(), attempt = 1): Promise<unknown> =>
    Promise.resolve(provider.launch?.(launchSpec(subject.config, 'vendors', { attempt }), signal));

  it('is that of its address, too, each asked for once and both at once', async () => {
    await settleByTurning(subject.clock, launch());
    subject.cloud.calls.length = 0;
    const deleting = begin();
    await subject.clock.advance(100);
    assert.equal(count('DELETE instances/*') + count('DELETE floating_ips/*'), 2);
    await settleByTurning(subject.clock, deleting);
    assert.equal(left(), 0);
    assert.equal(subject.cloud.counts.volumes, 0);
    assert.equal(count('DELETE instances/*') + count('DELETE floating_ips/*'), 2);
    assert.equal(count('GET instances/*') + count('GET floating_ips/*'), 0);
  });

  it('is not over where a listing does not show it yet', async () => {
    subject.cloud.hold('create');
    const controller = new AbortController();
    const ended = assert.rejects(launch(controller.signal));
    await subject.clock.advance(500);
    assert.equal(left(), 2);
    controller.abort(new Error('enough'));
    await ended;
    subject.cloud.release('create');
    let isDone = false;
    const deleting = begin().then(() => (isDone = true));
    await subject.clock.advance(2500);
    assert.equal(isDone, false, 'it is being deleted for 20 seconds');
    await settleByTurning(subject.clock, deleting);
    assert.equal(left(), 0);
  });

  it('comes for a machine that another process has made', async () => {
    const { plant } = subject.cloud;
    const target = plant.instance({ name: `np${NODE}`, group: GROUP });
    plant.floatingIp({ name: `np${NODE}`, group: GROUP, target });
    await end();
    assert.equal(left(), 0);
  });

  it('comes for an address whose machine is gone', async () => {
    subject.cloud.plant.floatingIp({ name: `np${NODE}`, group: GROUP });
    await end();
    assert.equal(left(), 0);
  });

  it('of an earlier attempt leaves the machine of the next one whole', async () => {
    await settleByTurning(subject.clock, launch(never(), 2));
    await end();
    assert.equal(left(), 2);
    await end(`np${NODE}-2`);
    assert.equal(left(), 0);
  });

  it('is not that of a thing of another provider, of nobody, or of another node', async () => {
    const { plant } = subject.cloud;
    plant.instance({ name: `np${NODE}` });
    plant.floatingIp({ name: `np${NODE}` });
    plant.instance({ name: 'np0000000002', group: GROUP });
    await end();
    await end('np0000000002', '0000000009');
    assert.equal(left(), 3);
  });

  it('comes for a machine without a node that is known, by its name', async () => {
    subject.cloud.plant.instance({ name: `np${NODE}`, group: GROUP });
    await end(`np${NODE}`, '');
    assert.equal(left(), 0);
  });

  it('fails where one of the two does, and goes on with the other', async () => {
    await settleByTurning(subject.clock, launch());
    subject.cloud.arm({ call: 'DELETE floating_ips/*', mode: 'fail', status: 409, times: 3 });
    const failed = assert.rejects(begin(), /DELETE vpc floating_ips/);
    await settleByTurning(subject.clock, failed);
    assert.deepEqual([subject.cloud.counts.instances, subject.cloud.counts.floatingIps], [0, 1]);
    await end();
    assert.equal(left(), 0);
  });

  it('costs a hundred no more listings than one', async () => {
    const nodes = Array.from({ length: 100 }, (_, index) => String(index).padStart(10, '0'));
    for (const nodeId of nodes) subject.cloud.plant.instance({ name: `np${nodeId}`, group: GROUP });
    await settleByTurning(subject.clock, provider.listInstances(never()));
    subject.cloud.calls.length = 0;
    await settleByTurning(
      subject.clock,
      Promise.all(nodes.map((nodeId) => begin(`np${nodeId}`, nodeId))),
    );
    assert.equal(left(), 0);
    assert.equal(count('DELETE instances/*'), 100);
    assert.equal(count('GET instances/*'), 0);
    for (const kind of ['instances', 'floating_ips'])
      assert.ok(count(`GET ${kind}`) <= 40, `${count(`GET ${kind}`)} listings of ${kind}`);
  });
});
