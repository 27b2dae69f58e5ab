import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { CloudError, hasCode, hasLabel } from '../../../shared/base/errors.ts';
import { CloudCalls, SlowDownError } from '../../../shared/cloud/calls.ts';

const never = (): AbortSignal => new AbortController().signal;

const stumble = (): CloudError =>
  new CloudError('NP_CLOUD_TRANSIENT', 'stumbled', { labels: ['retryable'] });

/** Each call notes its time and fails with the next error of the list, or answers `done`. */
function subject(errors: readonly Error[] = [], callsPerSecond = Infinity) {
  const clock = new ManualClock();
  const random = () => 0.5;
  const calls = new CloudCalls({ clock, random, callsPerSecond, timeoutSeconds: 5 });
  const times: number[] = [];
  const left = [...errors];
  const call = (): Promise<string> => {
    times.push(clock.monotonic());
    const error = left.shift();
    return error === undefined ? Promise.resolve('done') : Promise.reject(error);
  };
  return { clock, calls, call, times };
}

describe('CloudCalls', () => {
  it('repeats a call that stumbled, after pauses that grow', async () => {
    const { clock, calls, call, times } = subject([stumble(), stumble()]);
    const running = calls.run(never(), call);
    await clock.advance(10_000);
    assert.equal(await running, 'done');
    assert.deepEqual(times, [0, 200, 600]);
  });

  it('gives up after three tries, with the last error', async () => {
    const last = stumble();
    const { clock, calls, call, times } = subject([stumble(), stumble(), last, stumble()]);
    const failing = assert.rejects(calls.run(never(), call), last);
    await clock.advance(10_000);
    await failing;
    assert.equal(times.length, 3);
  });

  it('does not repeat what a repetition would not change', async () => {
    const error = new CloudError('NP_CLOUD_FATAL', 'no such image');
    const { calls, call, times } = subject([error]);
    await assert.rejects(calls.run(never(), call), error);
    assert.equal(times.length, 1);
  });

  it('leaves to the caller what may have taken effect, if the call is not repeatable', async () => {
    const lost = new CloudError('NP_CLOUD_TRANSIENT', 'no answer', {
      labels: ['retryable', 'ambiguous'],
    });
    const { clock, calls, call, times } = subject([stumble(), lost]);
    const failing = assert.rejects(calls.run(never(), call, { isRepeatable: false }), lost);
    await clock.advance(10_000);
    await failing;
    assert.deepEqual(times, [0, 200], 'what surely had no effect is repeated nevertheless');
    const second = subject([lost]);
    const running = second.calls.run(never(), second.call);
    await second.clock.advance(10_000);
    assert.equal(await running, 'done');
  });

  it('gives a call the deadline that it asks for', async () => {
    const { clock, calls } = subject();
    const hanging = (): Promise<never> => new Promise(() => undefined);
    const options = { timeoutSeconds: 60, isRepeatable: false };
    const failing = assert.rejects(calls.run(never(), hanging, options), /within 60 s/);
    await clock.advance(59_999);
    assert.equal(clock.pending, 1);
    await clock.advance(1);
    await failing;
  });

  it('makes no call at all for as long as the cloud asks', async () => {
    const { clock, calls, call, times } = subject([new SlowDownError('slow down', 7000)]);
    const first = calls.run(never(), call);
    await clock.advance(1000);
    const second = calls.run(never(), call);
    await clock.advance(10_000);
    await Promise.all([first, second]);
    assert.deepEqual(times, [0, 7000, 7000]);
  });

  it('pauses longer and longer where the cloud does not say for how long', async () => {
    const errors = Array.from({ length: 7 }, () => new SlowDownError('slow down', undefined));
    const { clock, calls, call, times } = subject(errors);
    const done = calls.run(never(), call);
    await clock.advance(200_000);
    await done;
    const pauses = times.map((time, at) => time - (times[at - 1] ?? 0)).slice(1);
    const spread = 0.75;
    assert.deepEqual(
      pauses,
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].map((pause) => pause * spread),
    );
  });

  it('bears being asked for patience more often than failures, but not for ever', async () => {
    const errors = Array.from({ length: 20 }, () => new SlowDownError('slow down', 1000));
    const { clock, calls, call, times } = subject(errors);
    const failing = assert.rejects(calls.run(never(), call), SlowDownError);
    await clock.advance(60_000);
    await failing;
    assert.equal(times.length, 11);
  });

  it('ends a call without an answer, and repeats it', async () => {
    const { clock, calls, times } = subject();
    const signals: AbortSignal[] = [];
    const failing = assert.rejects(
      calls.run(never(), (signal) => {
        times.push(clock.monotonic());
        signals.push(signal);
        return new Promise(() => undefined);
      }),
      (error) => hasCode(error, 'NP_CLOUD_TRANSIENT') && hasLabel(error, 'ambiguous'),
    );
    await clock.advance(60_000);
    await failing;
    assert.deepEqual(times, [0, 5200, 10_600]);
    assert.ok(signals.every((signal) => signal.aborted));
    assert.equal(clock.pending, 0);
  });

  it('counts the deadline from the turn, not from the asking', async () => {
    const { clock, calls, call } = subject([], 0.1);
    const all = Promise.all([calls.run(never(), call), calls.run(never(), call)]);
    await clock.advance(10_000);
    assert.deepEqual(await all, ['done', 'done']);
  });

  it('ends with the reason of an abort, in a pause, too', async () => {
    const { clock, calls, call, times } = subject([stumble()]);
    const controller = new AbortController();
    const ending = assert.rejects(calls.run(controller.signal, call), (error) =>
      hasCode(error, 'NP_ABORTED'),
    );
    await clock.advance(10);
    controller.abort();
    await ending;
    await clock.advance(10_000);
    assert.equal(times.length, 1);
  });

  it('ends everything when it is closed', async () => {
    const { clock, calls, call } = subject([], 1);
    await calls.run(never(), call);
    const waiting = assert.rejects(calls.run(never(), call), (error) =>
      hasCode(error, 'NP_ABORTED'),
    );
    calls.close();
    await waiting;
    await assert.rejects(calls.run(never(), call));
    assert.equal(clock.pending, 0);
  });
});
