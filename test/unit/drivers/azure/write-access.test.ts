import assert from 'node:assert/strict';

import { ManualClock } from '../../../../fixtures/clock.ts';
import { hasLabel } from '../../../../shared/base/errors.ts';
import { silentLogger } from '../../../../shared/base/log.ts';
import { WriteAccess } from '../../../../shared/drivers/azure/write-access.ts';
import { refusal, stumble } from './store-services.ts';

const never = (): AbortSignal => new AbortController().signal;

function subject() {
  const clock = new ManualClock();
  const grants: number[] = [];
  const access = new WriteAccess({
    ...{ seconds: 3600, disk: 'disk', clock, log: silentLogger },
    grant: (seconds) => Promise.resolve(`url ${grants.push(seconds)}`),
  });
  const writes: string[] = [];
  return {
    ...{ clock, grants, writes },
    use: (error?: Error, signal = never()) =>
      access.use((url) => {
        writes.push(url);
        return error === undefined ? Promise.resolve() : Promise.reject(error);
      }, signal),
  };
}

describe('write access to a disk', () => {
  it('is asked for once by all who write', async () => {
    const { grants, writes, use } = subject();
    assert.deepEqual(grants, []);
    await Promise.all([use(), use()]);
    await use();
    assert.deepEqual([grants, writes], [[3600], ['url 1', 'url 1', 'url 1']]);
  });

  it('is asked for anew once, however many find out that it is over', async () => {
    const { clock, grants, writes, use } = subject();
    await use();
    await clock.advance(60_000);
    const over = await Promise.allSettled([use(refusal('over')), use(refusal('over'))]);
    for (const one of over)
      assert.ok(one.status === 'rejected' && hasLabel(one.reason, 'retryable'));
    await Promise.all([use(), use()]);
    assert.equal(grants.length, 2);
    assert.deepEqual(writes.slice(-2), ['url 2', 'url 2']);
  });

  it('stays where a write only stumbles, or the address is young', async () => {
    const { clock, grants, use } = subject();
    await assert.rejects(use(refusal('no')), /^CloudError: no$/);
    await clock.advance(60_000);
    await assert.rejects(use(stumble('lost')), /^CloudError: lost$/);
    await use();
    assert.equal(grants.length, 1);
  });

  it('does not take an abort for its end', async () => {
    const { clock, grants, use } = subject();
    await use();
    await clock.advance(60_000);
    const controller = new AbortController();
    const running = use(refusal('cut'), controller.signal);
    controller.abort();
    await assert.rejects(running, { code: 'NP_ABORTED' });
    await use();
    assert.equal(grants.length, 1);
  });
});
