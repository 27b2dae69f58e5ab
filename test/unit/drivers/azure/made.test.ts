import assert from 'node:assert/strict';

import type { VirtualMachine } from '@azure/arm-compute';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { CloudError } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import { LookUps } from '../../../../shared/drivers/azure/look-up.ts';
import type { MachineList } from '../../../../shared/drivers/azure/machine-list.ts';
import { failure, untilMade } from '../../../../shared/drivers/azure/made.ts';
import { settleByTurning } from '../settle-by-turning.ts';

const never = (): AbortSignal => new AbortController().signal;

const NAME = 'np0000000001';
const machine = (provisioningState: string, vmId = 'mine'): VirtualMachine => ({
  ...{ name: NAME, location: 'westeurope', provisioningState, vmId },
});

const failed: VirtualMachine = {
  ...machine('Failed'),
  instanceView: {
    statuses: [
      { code: 'PowerState/running', level: 'Info' },
      { code: 'ProvisioningState/failed/AllocationFailed', level: 'Error', message: 'no room' },
    ],
  },
};

/** What the listings show in turn, the last one again and again; and what is there. */
async function wait(
  shown: readonly (VirtualMachine | undefined)[],
  there?: VirtualMachine,
): Promise<{ made: VirtualMachine; asked: number; seconds: number }> {
  const clock = new ManualClock();
  let listed = 0;
  let asked = 0;
  const listing = new SharedListing<MachineList>({
    ...{ clock, pollSeconds: 1 },
    list: () => {
      const one = shown[Math.min(listed++, shown.length - 1)];
      return Promise.resolve(new Map(one === undefined ? [] : [[NAME, one]]));
    },
  });
  const look = (): Promise<VirtualMachine | undefined> => {
    asked++;
    return Promise.resolve(there);
  };
  const machines = { get: look, view: look };
  const lookUps = new LookUps({ machines, listing, log: silentLogger });
  const wanted = { name: NAME, vmId: 'mine' };
  const waiting = untilMade({ lookUps, listing, clock }, wanted, never());
  const made = await settleByTurning(clock, waiting);
  return { made, asked, seconds: clock.monotonic() / 1000 };
}

describe('azure: the wait for a machine', () => {
  it('is over when a listing shows that it has been made', async () => {
    const made = machine('Succeeded');
    const outcome = await wait([undefined, machine('Creating'), machine('Updating'), made]);
    assert.deepEqual([outcome.made, outcome.asked], [made, 0]);
  });

  it('is not over with an earlier machine of its name, however that ended', async () => {
    for (const state of ['Succeeded', 'Failed', 'Deleting']) {
      const old = machine(state, 'old');
      const made = machine('Succeeded');
      const outcome = await wait([old, old, undefined, made]);
      assert.deepEqual([outcome.made, outcome.asked], [made, 0], state);
    }
  });

  it("believes a listing's bad news only with Azure's word for it", async () => {
    const made = machine('Succeeded');
    const outcome = await wait([machine('Failed')], made);
    assert.deepEqual([outcome.made, outcome.asked], [made, 1]);
  });

  it('fails with the reason of the failure', async () => {
    await assert.rejects(wait([machine('Creating'), machine('Failed')], failed), (error) => {
      assert.ok(error instanceof CloudError);
      assert.equal(error.code, 'NP_CLOUD_CAPACITY');
      assert.equal(error.message, `machine ${NAME} is in state Failed: AllocationFailed: no room`);
      return true;
    });
  });

  for (const [what, shown, there] of [
    ['that was shown is gone', [machine('Creating'), undefined], undefined],
    ['that was shown is another', [machine('Creating'), undefined], machine('Creating', 'new')],
    ['that was shown is being deleted', [machine('Deleting')], machine('Deleting')],
    ['that was never shown is not there after a minute', [undefined], undefined],
  ] as const)
    it(`fails where the machine ${what}`, async () => {
      await assert.rejects(wait(shown, there), /was deleted by somebody else/);
    });

  it('asks once a minute for one that no listing shows', async () => {
    const shown = [...Array.from({ length: 150 }, () => undefined), machine('Succeeded')];
    const { asked, seconds } = await wait(shown, machine('Creating'));
    assert.ok(asked >= 1 && asked <= seconds / 60, `${asked} times in ${seconds} s`);
  });
});

describe('azure: the reason of a failure', () => {
  it('may be none', () => {
    assert.match(failure(machine('Failed')).message, /state Failed: Azure gives no reason$/);
    const canceled = { ...machine('Canceled'), instanceView: { statuses: [] } };
    assert.match(failure(canceled).message, /state Canceled/);
  });
});
