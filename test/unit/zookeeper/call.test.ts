/** Deadlines, signals and the words for what is known of a call that failed. */
import assert from 'node:assert/strict';
import { ManualClock } from '../../../fixtures/clock.ts';
import { hasCode, hasLabel } from '../../../shared/base/errors.ts';
import { Backlog } from '../../../shared/zookeeper/backlog.ts';
import { Call, SignalGroups } from '../../../shared/zookeeper/call.ts';
import type { PendingCall } from '../../../shared/zookeeper/call.ts';
import { isAmbiguous } from '../../../shared/zookeeper/errors.ts';
import { deleteOperation, existsOperation } from '../../../shared/zookeeper/operations.ts';

const write = (timeoutMs = 1_000): Call<{ path: string; version: number }, undefined> =>
  new Call(deleteOperation, { path: '/a', version: -1 }, { now: 0, timeoutMs });
const read = (timeoutMs = 1_000): Call<string, unknown> =>
  new Call<string, unknown>(existsOperation, '/a', { now: 0, timeoutMs });

/** How a call failed. */
async function failure(call: { promise: Promise<unknown> }): Promise<unknown> {
  return call.promise.then(
    () => assert.fail('it succeeded'),
    (error: unknown) => error,
  );
}

describe('Call', () => {
  it('is ambiguous only if it is a write that was sent', async () => {
    const [unsent, sent, sentRead] = [write(), write(), read()];
    sent.sentAt = sentRead.sentAt = 5;
    for (const call of [unsent, sent, sentRead]) call.failWith('ZK_CONNECTION_LOSS', 'lost');
    const errors = await Promise.all([unsent, sent, sentRead].map(failure));
    assert.deepEqual(errors.map(isAmbiguous), [false, true, false]);
    assert.ok(errors.every((error) => hasLabel(error, 'retryable')));
  });
});

describe('SignalGroups', () => {
  it('aborts all calls of a signal with its reason, and only those that are open', async () => {
    const groups = new SignalGroups();
    const controller = new AbortController();
    const [open, done, other] = [write(), write(), write()];
    groups.join(open, controller.signal);
    groups.join(done, controller.signal);
    groups.join(other, new AbortController().signal);
    done.failWith('ZK_CLOSED', 'before');
    controller.abort();
    assert.ok(hasCode(await failure(open), 'NP_ABORTED'));
    assert.ok(hasCode(await failure(done), 'ZK_CLOSED'));
    assert.equal(other.isSettled, false);
    assert.equal(groups.size, 1);
  });

  it('forgets a signal that no call waits for at the next sweep', () => {
    const groups = new SignalGroups();
    const { signal } = new AbortController();
    const call = read();
    groups.join(call, signal);
    groups.sweep();
    assert.equal(groups.size, 1);
    call.promise.catch(() => undefined);
    call.failWith('ZK_CLOSED', 'done');
    groups.sweep();
    assert.equal(groups.size, 0);
  });
});

describe('Backlog', () => {
  it('ends waiting and sent calls at their deadlines, and sleeps when there are none', async () => {
    const clock = new ManualClock();
    const sent: PendingCall[] = [];
    const backlog = new Backlog(clock, () => sent);
    const [soon, later, onItsWay] = [write(150), write(900), write(300)];
    onItsWay.sentAt = 0;
    const failures = [soon, later, onItsWay].map(failure);
    sent.push(onItsWay);
    for (const call of [soon, later]) {
      backlog.push(call);
      backlog.watchDeadlines();
    }
    await clock.advance(200);
    assert.deepEqual([soon.isSettled, later.isSettled, onItsWay.isSettled], [true, false, false]);
    assert.equal(backlog.size, 1);
    await clock.advance(100);
    assert.ok(isAmbiguous(await failures[2]));
    sent.pop();
    await clock.advance(700);
    assert.equal(isAmbiguous(await failures[1]), false);
    assert.ok(hasCode(await failures[0], 'ZK_OPERATION_TIMEOUT'));
    assert.equal(clock.pending, 0);
  });

  it('keeps the order, with what is put back in front', () => {
    const backlog = new Backlog(new ManualClock(), () => []);
    const calls = [read(), read(), read(), read()] as const;
    backlog.push(calls[2]);
    backlog.push(calls[3]);
    backlog.putBack([calls[0], calls[1]]);
    assert.deepEqual(backlog.take(), calls);
  });
});
