import assert from 'node:assert/strict';

import { CloudError, hasCode } from '../../../../shared/base/errors.ts';
import type { Instance, Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec, type RecordedSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { azureSubject, type AzureSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('azure: a launch', () => {
  let subject: AzureSubject;
  let provider: Provider;

  async function open(options: Parameters<typeof azureSubject>[0] = {}, pool = ''): Promise<void> {
    subject = azureSubject({ createSeconds: 10, addressSeconds: 5, ...options }, pool);
    provider = await settleByTurning(subject.clock, subject.connect());
    subject.cloud.calls.length = 0;
  }
  afterEach(async () => {
    await provider.close();
    subject.close();
  });

  const specOf = (more: Partial<RecordedSpec> = {}, label = 'marketplace'): RecordedSpec =>
    launchSpec(subject.config, label, more);

  const launch = async (spec = specOf()): Promise<Instance> => {
    const launching = Promise.resolve(provider.launch?.(spec, never()));
    const instance = await settleByTurning(subject.clock, launching);
    assert.ok(instance !== undefined);
    return instance;
  };

  const count = (call: string): number => subject.cloud.calls.filter((one) => one === call).length;

  it('reports the name before anything is asked for, and has all of the machine in the end', async () => {
    await open();
    const spec = specOf({
      created: (externalId) => {
        spec.reported.push(externalId);
        assert.deepEqual(subject.cloud.calls, []);
        return Promise.resolve();
      },
    });
    const instance = await launch(spec);
    assert.deepEqual(spec.reported, ['np0000000001']);
    const { publicIpv4, privateIpv4, ...rest } = instance;
    assert.match(publicIpv4 ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.match(privateIpv4 ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.deepEqual(rest, {
      externalId: 'np0000000001',
      interfaceIp: publicIpv4,
      publicIpv6: null,
      privateIpv6: null,
      cloud: 'Azure',
      region: 'westeurope',
      availabilityZone: '',
      // The original forgets what the size of a launched machine takes.
      resources: { instances: 1, cores: 1, ram: 1024, standardBSFamily: 1 },
    });
  });

  it('never asks for one machine, nor for its operation', async () => {
    await open({ createSeconds: 120 });
    await launch();
    assert.equal(count('PUT virtualMachines/*'), 1);
    for (const call of ['GET virtualMachines/*', 'GET operations', 'GET networkInterfaces/*'])
      assert.equal(count(call), 0, call);
  });

  it('lists no public addresses where the pool has none', async () => {
    await open({}, 'public-ipv4: false');
    assert.equal((await launch()).interfaceIp, (await launch()).privateIpv4);
    assert.equal(count('GET publicIPAddresses'), 0);
  });

  it('is in the zone that is wanted', async () => {
    await open();
    const spec = specOf({ availabilityZone: '2' });
    assert.equal((await launch(spec)).availabilityZone, '2');
  });

  it('whose answers are lost makes one machine', async () => {
    await open();
    subject.cloud.arm({ call: 'PUT virtualMachines/*', mode: 'lose', times: 2 });
    await launch();
    assert.equal(subject.cloud.counts.machines, 1);
  });

  it('waits for a machine of its name that is being deleted, and takes it for no success', async () => {
    await open({ deleteSeconds: 30, lagSeconds: 5, ghostSeconds: 5 });
    await launch();
    const target = { externalId: 'np0000000001', nodeId: '0000000001', driverData: null };
    const deleting = provider.delete(target, never());
    await subject.clock.advance(5000);
    const old = subject.cloud.compute.machines.get('nodepool', 'np0000000001')?.vmId;
    const again = launch();
    await settleByTurning(subject.clock, Promise.all([deleting.catch(() => undefined), again]));
    const now = subject.cloud.compute.machines.get('nodepool', 'np0000000001');
    assert.ok(now !== undefined && now.vmId !== old);
    assert.equal(now.state, 'Succeeded');
  });

  it('does not take what a late listing shows of an earlier machine for its own', async () => {
    await open({ lagSeconds: 30, ghostSeconds: 30, deleteSeconds: 1, createSeconds: 60 });
    await launch();
    subject.cloud.vanish('np0000000001');
    const beganMs = subject.clock.monotonic();
    await launch();
    assert.ok(subject.clock.monotonic() - beganMs >= 60_000, 'it took as long as a new one takes');
  });

  for (const [code, message, wanted] of [
    ['AllocationFailed', 'no capacity', 'NP_CLOUD_CAPACITY'],
    ['OperationNotAllowed', 'exceeding approved Total Regional Cores quota', 'NP_CLOUD_QUOTA'],
    ['OSProvisioningTimedOut', 'too slow', 'NP_CLOUD_TRANSIENT'],
  ] as const)
    it(`of a machine that fails with ${code} fails in Azure's words with ${wanted}`, async () => {
      await open();
      subject.cloud.compute.failure = { code, message };
      const spec = specOf();
      await assert.rejects(launch(spec), (error) => {
        assert.ok(error instanceof CloudError && hasCode(error, wanted), String(error));
        assert.match(error.message, new RegExp(`^machine np0000000001 .*${code}: ${message}`));
        return true;
      });
      assert.deepEqual(spec.reported, ['np0000000001']);
    });

  it('of a machine that never shows is not waited for without end', async () => {
    await open({ lagSeconds: 100_000 });
    const launching = assert.rejects(launch(), /was deleted by somebody else/);
    await subject.clock.advance(5000);
    subject.cloud.vanish('np0000000001');
    await settleByTurning(subject.clock, launching);
    assert.ok(count('GET virtualMachines/*') < 5);
  });

  it('takes the upload anew where the one that it knew is gone', async () => {
    await open();
    const image = { name: 'upload-1' };
    subject.cloud.plant.image(image);
    const spec = (nodeId: string): RecordedSpec =>
      specOf({ nodeId, imageExternalId: 'upload-1' }, 'uploaded');
    await launch(spec('0000000001'));
    const { images } = subject.cloud;
    for (const one of images.all()) images.delete(one);
    await assert.rejects(launch(spec('0000000002')), (error) => {
      assert.ok(error instanceof CloudError && hasCode(error, 'NP_CLOUD_FATAL'));
      assert.match(error.message, /upload-1/);
      return true;
    });
    assert.equal(count('GET images/*'), 2);
  });
});
