import assert from 'node:assert/strict';

import { settle } from '../../../fixtures/clock.ts';
import { SharedCalls } from '../../../shared/cloud/shared-calls.ts';

const never = (): AbortSignal => new AbortController().signal;

/** Calls that end when they are told to; each remembers its signal. */
function subject() {
  const calls: { signal: AbortSignal; end: (value: number) => void; fail: (e: Error) => void }[] =
    [];
  const shared = new SharedCalls<number>();
  const ask = (key: string, signal = never()): Promise<number> =>
    shared.run(
      key,
      signal,
      (inner) =>
        new Promise((resolve, reject) => {
          calls.push({ signal: inner, end: resolve, fail: reject });
        }),
    );
  return { calls, ask };
}

describe('SharedCalls', () => {
  it('make one call for all who ask the same meanwhile', async () => {
    const { calls, ask } = subject();
    const all = Promise.all([ask('a'), ask('a'), ask('b')]);
    await settle();
    assert.equal(calls.length, 2);
    calls[0]?.end(1);
    calls[1]?.end(2);
    assert.deepEqual(await all, [1, 1, 2]);
  });

  it('call again once the call has ended, well or not', async () => {
    const { calls, ask } = subject();
    const first = ask('a');
    calls[0]?.fail(new Error('no'));
    await assert.rejects(first, /no/);
    const second = ask('a');
    calls[1]?.end(2);
    assert.equal(await second, 2);
  });

  it('let one who waits go without a loss for the others', async () => {
    const { calls, ask } = subject();
    const controller = new AbortController();
    const goes = assert.rejects(ask('a', controller.signal));
    const stays = ask('a');
    controller.abort();
    await goes;
    assert.equal(calls[0]?.signal.aborted, false);
    calls[0].end(1);
    assert.equal(await stays, 1);
  });

  it('end a call that nobody waits for, and do not let others join it', async () => {
    const { calls, ask } = subject();
    const controller = new AbortController();
    const goes = assert.rejects(ask('a', controller.signal));
    controller.abort();
    await goes;
    assert.equal(calls[0]?.signal.aborted, true);
    const next = ask('a');
    assert.equal(calls.length, 2);
    calls[1]?.end(2);
    assert.equal(await next, 2);
  });

  it('begin nothing for who comes too late', async () => {
    const { calls, ask } = subject();
    await assert.rejects(ask('a', AbortSignal.abort()));
    assert.equal(calls.length, 0);
  });
});
