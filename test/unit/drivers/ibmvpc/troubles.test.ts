import assert from 'node:assert/strict';

import { hasCode, hasLabel } from '../../../../shared/base/errors.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { ibmVpcSubject } from './subject.ts';

const never = (): AbortSignal => new AbortController().signal;
const NAME = 'np0000000001';
const KINDS = ['instances', 'floating_ips'] as const;

async function open(...options: Parameters<typeof ibmVpcSubject>) {
  const subject = ibmVpcSubject(...options);
  const { clock, cloud, config } = subject;
  const provider = await settleByTurning(clock, subject.connect());
  cloud.calls.length = 0;
  const launch = (signal = never()): Promise<unknown> =>
    Promise.resolve(provider.launch?.(launchSpec(config, 'vendors'), signal));
  const remove = (): Promise<void> =>
    provider.delete({ externalId: NAME, nodeId: '0000000001', driverData: null }, never());
  return { clock, cloud, provider, launch, remove };
}

describe('ibmvpc: trouble with creations', () => {
  for (const kind of KINDS) {
    for (const lagSeconds of [0, 8])
      it(`makes one thing where the answer is lost: ${kind}, listings ${lagSeconds} s late`, async () => {
        const { launch, clock, cloud } = await open({ lagSeconds });
        cloud.arm({ call: `POST ${kind}`, mode: 'lose' });
        await settleByTurning(clock, launch());
        assert.deepEqual([cloud.counts.instances, cloud.counts.floatingIps], [1, 1]);
      });

    it(`makes one thing where a call that did nothing fails: ${kind}`, async () => {
      const { launch, clock, cloud } = await open();
      cloud.arm({ call: `POST ${kind}`, mode: 'reset' });
      await settleByTurning(clock, launch());
      assert.deepEqual([cloud.counts.instances, cloud.counts.floatingIps], [1, 1]);
    });

    it(`takes away what a call makes that ends after the launch: ${kind}`, async () => {
      const { launch, remove, clock, cloud } = await open({ lagSeconds: 8 });
      cloud.arm({ call: `POST ${kind}`, mode: 'lose' });
      const controller = new AbortController();
      const launching = launch(controller.signal);
      const ended = assert.rejects(launching);
      while (!cloud.calls.includes(`POST ${kind}`)) await clock.advance(10);
      controller.abort(new Error('enough'));
      await ended;
      await settleByTurning(clock, remove());
      await clock.advance(120_000);
      assert.deepEqual([cloud.counts.instances, cloud.counts.floatingIps], [0, 0]);
    });

    it(`waits where the account is full: ${kind}`, async () => {
      const { launch, remove, clock, cloud } = await open();
      cloud.limits = kind === 'instances' ? { instances: 0 } : { floatingIps: 0 };
      const failing = assert.rejects(launch(), (error) => {
        assert.ok(hasCode(error, 'NP_CLOUD_QUOTA'), String(error));
        return hasLabel(error, 'quota');
      });
      await settleByTurning(clock, failing);
      assert.equal(cloud.calls.filter((call) => call === `POST ${kind}`).length, 1);
      await settleByTurning(clock, remove());
      assert.deepEqual([cloud.counts.instances, cloud.counts.floatingIps], [0, 0]);
    });
  }

  it('fails where a machine does, in the words of IBM', async () => {
    const { launch, clock, cloud } = await open();
    cloud.instances.failure = { code: 'cannot_start_capacity', message: 'Insufficient capacity' };
    const failing = assert.rejects(launch(), (error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_CAPACITY'));
      assert.match(
        String(error),
        /machine np0000000001 is in state failed: cannot_start_capacity: Insufficient capacity/,
      );
      return true;
    });
    await settleByTurning(clock, failing);
  });

  it('fails where somebody else deletes the machine', async () => {
    const { launch, clock, cloud } = await open({ createSeconds: 30 });
    const launching = assert.rejects(launch(), /was deleted by somebody else/);
    await clock.advance(5000);
    cloud.vanish(NAME);
    await settleByTurning(clock, launching);
  });

  it('asks alone for a machine that no listing shows, once in a while', async () => {
    const { launch, clock, cloud } = await open({ lagSeconds: 200, createSeconds: 1 });
    await settleByTurning(clock, launch());
    const alone = cloud.calls.filter((call) => call === 'GET instances/*').length;
    assert.ok(alone >= 1 && alone <= 4, String(alone));
  });
});
