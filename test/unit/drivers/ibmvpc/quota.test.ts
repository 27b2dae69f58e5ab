import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { NodepoolError } from '../../../../shared/base/errors.ts';
import type { Profile } from '../../../../shared/drivers/ibmvpc/client/model.ts';
import { MachineProfiles } from '../../../../shared/drivers/ibmvpc/machine-profiles.ts';
import { machineQuota, profileQuota } from '../../../../shared/drivers/ibmvpc/quota.ts';

const never = (): AbortSignal => new AbortController().signal;
const SMALL: Profile = { name: 'bx2-2x8', cores: 2, memory: 8 };

describe('quota of IBM VPC', () => {
  it('is what the profile says, its GiB as MiB', () => {
    assert.deepEqual(profileQuota(SMALL), { instances: 1, cores: 2, ram: 8192 });
    const open = { name: 'x', cores: undefined, memory: undefined };
    assert.deepEqual(profileQuota(open), { instances: 1 });
  });

  it('of a machine is that of its profile, else what the machine says', () => {
    const profiles = new Map([[SMALL.name, SMALL]]);
    const machine = { profile: 'bx2-2x8', cores: 99, memory: 99 };
    assert.deepEqual(machineQuota(machine, profiles), profileQuota(SMALL));
    assert.deepEqual(machineQuota({ ...machine, profile: 'old-4x4' }, profiles), {
      ...{ instances: 1, cores: 99, ram: 101_376 },
    });
  });
});

describe('profiles of IBM VPC', () => {
  const subject = () => {
    const clock = new ManualClock();
    const all: Profile[] = [SMALL, { ...SMALL, name: 'bx2-4x16' }, { ...SMALL, name: 'cx2-2x4' }];
    let calls = 0;
    const list = (): Promise<readonly Profile[]> => {
      calls++;
      return Promise.resolve([...all]);
    };
    const profiles = new MachineProfiles({ profiles: { list }, clock });
    return { profiles, all, clock, count: () => calls };
  };

  it('are listed once an hour', async () => {
    const { profiles, clock, count } = subject();
    assert.equal(await profiles.wanted('bx2-2x8', 'small', never()), SMALL);
    await clock.advance(3_599_000);
    await profiles.get(never());
    assert.equal(count(), 1);
    await clock.advance(1000);
    await profiles.get(never());
    assert.equal(count(), 2);
  });

  it('that are new are found', async () => {
    const { profiles, all, count } = subject();
    await profiles.get(never());
    all.push({ ...SMALL, name: 'gx3-16x80' });
    assert.equal((await profiles.wanted('gx3-16x80', 'small', never())).name, 'gx3-16x80');
    assert.equal(count(), 2);
  });

  for (const [name, hint] of [
    ['bx2-3x9', 'it has: bx2-2x8, bx2-4x16'],
    ['zz-1x1', 'it has: bx2-2x8, bx2-4x16, cx2-2x4'],
  ] as const)
    it(`that are not there say what there is instead: ${name}`, async () => {
      const { profiles, count } = subject();
      await assert.rejects(profiles.wanted(name, 'small', never()), (error) => {
        assert.ok(error instanceof NodepoolError && error.code === 'NP_CLOUD_FATAL');
        assert.match(error.message, new RegExp(`label small: there is no profile ${name}`));
        assert.equal(error.hint, hint);
        return true;
      });
      assert.equal(count(), 1);
    });
});
