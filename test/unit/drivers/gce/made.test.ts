import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { LookUps } from '../../../../shared/cloud/look-ups.ts';
import { SharedListing } from '../../../../shared/cloud/shared-listing.ts';
import type { GceInstance } from '../../../../shared/drivers/gce/client/instances.ts';
import type { GceOperation } from '../../../../shared/drivers/gce/client/operations.ts';
import { Fates } from '../../../../shared/drivers/gce/fates.ts';
import type { InstanceList } from '../../../../shared/drivers/gce/instance-list.ts';
import { untilRunning } from '../../../../shared/drivers/gce/made.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { instance } from './shown.ts';

const NAME = 'np0000000001';
const never = (): AbortSignal => new AbortController().signal;

/** What Google shows at each moment. */
interface Shown {
  listed?: GceInstance | undefined;
  alone?: GceInstance | undefined;
  operation?: Partial<GceOperation>;
}

describe('gce: the wait for an instance', () => {
  let clock: ManualClock;
  let shown: Shown;

  beforeEach(() => {
    clock = new ManualClock();
    shown = {};
  });

  const wait = (operation: string | undefined = 'op'): Promise<GceInstance> => {
    const listing = new SharedListing<InstanceList>({
      clock,
      pollSeconds: 1,
      list: () => Promise.resolve(new Map(shown.listed ? [[NAME, shown.listed]] : [])),
    });
    const found = (): readonly GceOperation[] =>
      shown.operation === undefined ? [] : [{ name: 'op', status: 'DONE', ...shown.operation }];
    const fates = new Fates({
      ...{ clock, log: silentLogger, pollSeconds: 1, isBusy: () => false },
      operations: {
        newestInserts: () => Promise.resolve(found()),
        get: () => Promise.resolve(undefined),
      },
    });
    const get = (): Promise<GceInstance | undefined> => Promise.resolve(shown.alone);
    const lookUps = new LookUps<GceInstance>({ get, listing, log: silentLogger });
    const wanted = { name: NAME, id: '1', operation };
    return untilRunning({ lookUps, listing, fates, clock }, wanted, never());
  };

  const gone = /np0000000001 was deleted by somebody else/;

  it('does not end with another instance of the name', async () => {
    shown = { listed: instance({}, { id: '2' }), operation: { status: 'RUNNING' } };
    const waiting = wait();
    await clock.advance(300_000);
    shown.listed = instance();
    assert.equal((await settleByTurning(clock, waiting)).id, '1');
  });

  it('goes on while the operation does, though nothing shows the instance', async () => {
    shown = { operation: { status: 'PENDING' } };
    const waiting = wait();
    await clock.advance(300_000);
    shown.listed = instance();
    await settleByTurning(clock, waiting);
  });

  it('ends as soon as the operation has failed', async () => {
    shown = { operation: { error: { errors: [{ code: 'STOCKOUT', message: 'full' }] } } };
    await assert.rejects(settleByTurning(clock, wait()), /was not made: STOCKOUT: full/);
    assert.ok(clock.monotonic() < 10_000);
  });

  it('ends where the operation failed without a reason', async () => {
    shown = { operation: { httpErrorStatusCode: 500 } };
    await assert.rejects(settleByTurning(clock, wait()), /was not made: Google gives no reason/);
  });

  it('takes what is shown alone once the operation is done', async () => {
    shown = { alone: instance(), operation: {} };
    assert.equal((await settleByTurning(clock, wait())).id, '1');
  });

  it('ends where an instance that was shown is gone, and only then', async () => {
    shown = { listed: instance({}, { status: 'STAGING' }) };
    const waiting = assert.rejects(wait(undefined), gone);
    await clock.advance(100_000);
    shown = { alone: instance({}, { status: 'STAGING' }) };
    await clock.advance(5000);
    shown = {};
    await settleByTurning(clock, waiting);
  });

  it('ends where the one of its name is another now', async () => {
    shown = { listed: instance({}, { status: 'STAGING' }) };
    const waiting = assert.rejects(wait(), gone);
    await clock.advance(5000);
    shown = { listed: instance({}, { id: '2' }), alone: instance({}, { id: '2' }) };
    await settleByTurning(clock, waiting);
  });
});
