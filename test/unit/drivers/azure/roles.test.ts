/** A service principal that is allowed no more than the original needs. */
import assert from 'node:assert/strict';

import { hasCode } from '../../../../shared/base/errors.ts';
import type { Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { azureSubject, type AzureSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('azure: a service principal with a tight role', () => {
  let subject: AzureSubject;
  let provider: Provider;
  beforeEach(async () => {
    subject = azureSubject({ lagSeconds: 2 });
    provider = await settleByTurning(subject.clock, subject.connect());
  });
  afterEach(async () => {
    await provider.close();
    subject.close();
  });

  const forbid = (call: string): void => {
    const refusal = { status: 403, code: 'AuthorizationFailed', message: 'no role' };
    subject.cloud.arm({ call, mode: 'fail', times: 1e6, ...refusal });
  };

  const launch = async (): Promise<void> => {
    const launching = provider.launch?.(launchSpec(subject.config, 'marketplace'), never());
    await settleByTurning(subject.clock, Promise.resolve(launching));
  };

  const deleteIt = (): Promise<void> => {
    const target = { externalId: 'np0000000001', nodeId: '0000000001', driverData: null };
    return settleByTurning(subject.clock, provider.delete(target, never()));
  };

  it('that may not read machines one by one launches and deletes by listings', async () => {
    forbid('GET virtualMachines/*');
    await launch();
    await deleteIt();
    assert.equal(subject.cloud.counts.machines, 0);
    await deleteIt();
  });

  it('that may not read why a machine failed learns that it did', async () => {
    forbid('GET virtualMachines/*');
    subject.cloud.compute.failure = { code: 'AllocationFailed', message: 'no capacity' };
    await assert.rejects(launch(), (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
    await deleteIt();
    assert.equal(subject.cloud.counts.machines, 0);
  });

  for (const call of ['GET disks', 'DELETE disks/*', 'DELETE networkInterfaces/*'])
    it(`that may not ${call} deletes what it may`, async () => {
      forbid(call);
      subject.cloud.compute.failure = { code: 'AllocationFailed', message: 'no capacity' };
      await assert.rejects(launch());
      subject.cloud.plant.disk({
        name: 'np0000000001_OsDisk_1_left',
        tags: { nodepool_provider_name: 'azure-provider', nodepool_node_id: '0000000001' },
      });
      await deleteIt();
      const { machines, interfaces, disks } = subject.cloud.counts;
      const isDisk = call.endsWith('disks') || call.endsWith('disks/*');
      assert.deepEqual([machines, interfaces > 0, disks > 0], [0, !isDisk, isDisk]);
    });
});
