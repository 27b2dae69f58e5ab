import assert from 'node:assert/strict';

import { CloudError, hasCode, hasLabel } from '../../../../shared/base/errors.ts';
import type { Instance, LaunchSpec, Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { ibmVpcSubject, type IbmVpcSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;
const NODE = '0000000001';
const NAME = `np${NODE}`;

interface Opened extends IbmVpcSubject {
  readonly provider: Provider;
  readonly launch: (label?: string, more?: Partial<LaunchSpec>) => Promise<Instance>;
}

async function open(...options: Parameters<typeof ibmVpcSubject>): Promise<Opened> {
  const subject = ibmVpcSubject(...options);
  const provider = await settleByTurning(subject.clock, subject.connect());
  subject.cloud.calls.length = 0;
  return {
    ...{ ...subject, provider },
    launch: (label = 'vendors', more = {}) => {
      const launching = provider.launch?.(launchSpec(subject.config, label, more), never());
      assert.ok(launching);
      return settleByTurning(subject.clock, launching);
    },
  };
}

describe('ibmvpc: a launch', () => {
  it('has all that a node is told of', async () => {
    const { launch, cloud } = await open({ createSeconds: 5 });
    const instance = await launch();
    const [machine] = cloud.instances.instances.all();
    const [address] = cloud.floatingIps.floatingIps.all();
    assert.ok(machine && address);
    assert.deepEqual(instance, {
      externalId: NAME,
      interfaceIp: address.address,
      publicIpv4: address.address,
      privateIpv4: machine.address,
      publicIpv6: null,
      privateIpv6: null,
      cloud: 'IBM',
      region: 'us-south',
      availabilityZone: 'us-south-1',
      resources: { instances: 1, cores: 2, ram: 8192 },
    });
    assert.equal(address.target?.instanceId, machine.id);
  });

  it('has its private address where the pool wants no other', async () => {
    const { launch, cloud } = await open({}, 'public-ipv4: false');
    const { interfaceIp, publicIpv4, privateIpv4 } = await launch();
    assert.ok(privateIpv4);
    assert.deepEqual([interfaceIp, publicIpv4], [privateIpv4, null]);
    assert.equal(cloud.counts.floatingIps, 0);
    assert.ok(!cloud.calls.some((call) => call.includes('floating_ips')), String(cloud.calls));
  });

  it('takes few calls', async () => {
    const { launch, cloud } = await open({ createSeconds: 1, addressSeconds: 0 });
    await launch();
    const changes = cloud.calls.filter((call) => !call.startsWith('GET '));
    assert.deepEqual(changes, ['POST floating_ips', 'POST instances', 'PUT floating_ips/*']);
    // Address and machine are never asked for alone.
    assert.ok(!cloud.calls.some((call) => call.startsWith('GET ') && call.endsWith('/*')));
  });

  it('waits for an address that is not ready, and until it is shown with the machine', async () => {
    const { launch, cloud, clock } = await open({
      ...{ createSeconds: 1, addressSeconds: 30, attachSeconds: 20 },
    });
    const beganMs = clock.monotonic();
    assert.ok((await launch()).publicIpv4);
    assert.ok(clock.monotonic() - beganMs >= 50_000);
    assert.equal(cloud.calls.filter((call) => call === 'PUT floating_ips/*').length, 1);
  });

  it('fails where its address does', async () => {
    const { launch, cloud } = await open({ createSeconds: 60, addressSeconds: 300 });
    const failing = assert.rejects(launch(), (error) => {
      assert.match(String(error), /floating IP np0000000001/);
      return hasLabel(error, 'retryable');
    });
    const [address] = await untilSome(() => cloud.floatingIps.floatingIps.all());
    address.status = 'failed';
    await failing;
  });

  it('that is given up costs a name: the next attempt has another', async () => {
    const { launch, cloud } = await open();
    await launch();
    assert.equal((await launch('vendors', { attempt: 2 })).externalId, `${NAME}-2`);
    assert.deepEqual(
      cloud.instances.instances.all().map(({ name }) => name),
      [NAME, `${NAME}-2`],
    );
  });

  it('takes what an earlier process of ours has made for the node', async () => {
    const { launch, cloud, clock, connect, config } = await open();
    await launch();
    const next = await settleByTurning(clock, connect());
    const again = next.launch?.(launchSpec(config, 'vendors'), never());
    assert.equal((await settleByTurning(clock, Promise.resolve(again)))?.externalId, NAME);
    assert.deepEqual([cloud.counts.instances, cloud.counts.floatingIps], [1, 1]);
  });

  for (const kind of ['instance', 'floatingIp'] as const)
    it(`touches nothing of somebody else's that has the name: ${kind}`, async () => {
      const { launch, cloud } = await open();
      const foreign = cloud.plant[kind]({ name: NAME });
      await assert.rejects(launch(), (error) => {
        assert.ok(error instanceof CloudError && error.code === 'NP_CLOUD_FATAL');
        assert.match(error.message, /not of provider ibm-provider/);
        assert.match(error.hint ?? '', /must not share/);
        return true;
      });
      const shelf = kind === 'instance' ? cloud.instances.instances : cloud.floatingIps.floatingIps;
      assert.equal(shelf.all()[0], foreign);
    });

  it('waits until a machine of its name that goes is gone', async () => {
    const { launch, cloud, clock, provider, connect, config } = await open({ deleteSeconds: 8 });
    const next = await settleByTurning(clock, connect());
    await launch();
    const target = { externalId: NAME, nodeId: NODE, driverData: null };
    const deleting = provider.delete(target, never());
    await clock.advance(500);
    const [old] = cloud.instances.instances.all();
    const again = next.launch?.(launchSpec(config, 'vendors'), never());
    assert.equal((await settleByTurning(clock, Promise.resolve(again)))?.externalId, NAME);
    await settleByTurning(clock, deleting);
    assert.notEqual(cloud.instances.instances.all()[0]?.id, old?.id);
  });

  it('chooses anew where IBM refuses, and asks once more where that makes a difference', async () => {
    const { launch, cloud } = await open();
    await launch();
    const image = cloud.images.images.all().find(({ name }) => name === 'ibm-debian-12-amd64-1');
    assert.ok(image);
    cloud.images.images.delete(image.id);
    const planted = cloud.plant.image({ name: image.name });
    await launch('vendors', { nodeId: '0000000002', hostname: 'np0000000002' });
    assert.equal(cloud.instances.instances.all().at(-1)?.imageId, planted.id);
  });

  it('fails for good where that makes none', async () => {
    const { launch, cloud } = await open();
    cloud.arm({ call: 'POST instances', mode: 'fail', status: 400, code: 'invalid_value' });
    await assert.rejects(launch(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    assert.equal(cloud.calls.filter((call) => call === 'POST instances').length, 1);
  });

  it('fails for good where IBM does not find what the machine is to be made of', async () => {
    const { launch, cloud } = await open();
    cloud.arm({ call: 'POST instances', mode: 'fail', status: 404, code: 'not_found', times: 9 });
    await assert.rejects(launch(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
  });
});

/** The launch is turned by its own clock meanwhile. */
async function untilSome<T>(look: () => readonly T[]): Promise<readonly [T]> {
  for (;;) {
    const [first] = look();
    if (first !== undefined) return [first];
    await new Promise((resolve) => setImmediate(resolve));
  }
}
