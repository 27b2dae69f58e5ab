/**
 * What takes Azure long: minutes of a launch or of a deletion that goes wrong, by a clock that is turned
 * by hand.
 */
import assert from 'node:assert/strict';

import { hasCode } from '../../../../shared/base/errors.ts';
import type { Instance, Provider } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { azureSubject, type AzureSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;

/** In which Azure lets go what goes with a machine. */
const CASCADE_MS = 30_000;

describe('an azure provider', () => {
  let subject: AzureSubject;
  let provider: Provider;

  /** As Azure is on a bad day. */
  beforeEach(async () => {
    subject = azureSubject({
      ...{
        createSeconds: 90,
        deleteSeconds: 120,
        cascadeSeconds: CASCADE_MS / 1000,
        operationSeconds: 10,
      },
      ...{ lagSeconds: 20, otherLagSeconds: 30, ghostSeconds: 20, addressSeconds: 15 },
      ...{ reservedSeconds: 180, retryAfterSeconds: 10, tokenSeconds: 300, pageSize: 2 },
    });
    provider = await settleByTurning(subject.clock, subject.connect());
  });
  afterEach(async () => {
    await provider.close();
    subject.close();
  });

  const spec = (nodeId: string) => launchSpec(subject.config, 'marketplace', { nodeId });

  const begin = (nodeId = '0000000001', signal = never()): Promise<Instance | undefined> =>
    Promise.resolve(provider.launch?.(spec(nodeId), signal));

  const launch = (): Promise<unknown> => settleByTurning(subject.clock, begin());

  const deleteIt = (nodeId = '0000000001'): Promise<void> => {
    const target = { externalId: `np${nodeId}`, nodeId, driverData: null };
    return settleByTurning(subject.clock, provider.delete(target, never()));
  };

  const left = (): number => {
    const { machines, interfaces, publicIps, disks } = subject.cloud.counts;
    return machines + interfaces + publicIps + disks;
  };

  it('makes machines and lets them go with all that they have', async () => {
    const nodes = ['0000000001', '0000000002', '0000000003'];
    const launching = Promise.all(nodes.map((id) => begin(id)));
    const made = await settleByTurning(subject.clock, launching);
    assert.equal(new Set(made.map((one) => one?.publicIpv4)).size, 3);
    assert.equal(left(), 12);
    const targets = nodes.map((nodeId) => ({
      externalId: `np${nodeId}`,
      nodeId,
      driverData: null,
    }));
    const deleting = Promise.all(targets.map((target) => provider.delete(target, never())));
    await settleByTurning(subject.clock, deleting);
    assert.equal(subject.cloud.counts.machines, 0);
    await subject.clock.advance(CASCADE_MS);
    assert.equal(left(), 0);
  });

  it('takes away what a machine that failed has left, when Azure lets go of its interface', async () => {
    subject.cloud.compute.failure = { code: 'AllocationFailed', message: 'no capacity' };
    await assert.rejects(launch(), (error) => hasCode(error, 'NP_CLOUD_CAPACITY'));
    assert.equal(left(), 4, 'the machine and what was made for it');
    const beganMs = subject.clock.monotonic();
    await deleteIt();
    assert.equal(left(), 0);
    const refused = subject.cloud.calls.filter((call) => call === 'DELETE networkInterfaces/*');
    assert.ok(refused.length > 1, 'it was in use at first');
    assert.ok(refused.length < 20, `asked ${refused.length} times`);
    assert.ok(subject.clock.monotonic() - beganMs < 600_000);
  });

  it('takes a machine away that is still being made', async () => {
    const controller = new AbortController();
    const ended = assert.rejects(begin('0000000001', controller.signal));
    await subject.clock.advance(60_000);
    assert.ok(left() > 0);
    controller.abort(new Error('nobody wants it'));
    await settleByTurning(subject.clock, ended);
    await deleteIt();
    assert.equal(left(), 0);
  });

  it('fails where somebody deletes the machine, and leaves nothing', async () => {
    const failing = assert.rejects(begin(), (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
    await subject.clock.advance(60_000);
    subject.cloud.vanish('np0000000001');
    await settleByTurning(subject.clock, failing);
    await deleteIt();
    assert.equal(left(), 0);
  });

  it('leaves a machine of its name alone that is of others', async () => {
    subject.cloud.plant.machine({
      name: 'np0000000001',
      tags: { nodepool_provider_name: 'another', nodepool_node_id: '0000000001' },
    });
    await assert.rejects(launch(), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    await deleteIt();
    assert.equal(subject.cloud.counts.machines, 1);
  });
});
