import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import type { Logger } from '../../../shared/base/log.ts';
import { silentLogger } from '../../../shared/base/log.ts';
import { orTakeBack } from '../../../shared/cloud/take-back.ts';

function subject() {
  const clock = new ManualClock();
  const warned: unknown[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message, fields) => warned.push([message, fields?.id]),
  };
  const options = { clock, log, subject: 'thing of a failed work', about: { id: 'x' } };
  return { clock, warned, options };
}

const failure = new Error('the work failed');

describe('what failed work has made', () => {
  it('is not touched where the work succeeds', async () => {
    const { options } = subject();
    const takeBack = () => assert.fail('taken back');
    assert.equal(await orTakeBack({ ...options, takeBack }, () => Promise.resolve(1)), 1);
  });

  it('is taken back before the failure is passed on', async () => {
    const { options, warned } = subject();
    let isTaken = false;
    const takeBack = () => Promise.resolve((isTaken = true));
    await assert.rejects(
      orTakeBack({ ...options, takeBack }, () => Promise.reject(failure)),
      failure,
    );
    assert.ok(isTaken);
    assert.deepEqual(warned, []);
  });

  it('is told of where it cannot be taken back', async () => {
    const { options, warned } = subject();
    const takeBack = () => Promise.reject(new Error('no'));
    await assert.rejects(
      orTakeBack({ ...options, takeBack }, () => Promise.reject(failure)),
      failure,
    );
    assert.deepEqual(warned, [['thing of a failed work remains', 'x']]);
  });

  it('is given up after a minute, and the call for it is ended', async () => {
    const { clock, options, warned } = subject();
    let ended: AbortSignal | undefined;
    const takeBack = (signal: AbortSignal) => {
      ended = signal;
      return new Promise(() => undefined);
    };
    const working = orTakeBack({ ...options, takeBack }, () => Promise.reject(failure));
    const rejected = assert.rejects(working, failure);
    await clock.advance(60_000);
    await rejected;
    assert.equal(ended?.aborted, true);
    assert.equal(warned.length, 1);
  });
});
