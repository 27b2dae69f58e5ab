import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

import fc from 'fast-check';

import { ManualClock } from '../../../fixtures/clock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { RateLimiter } from '../../../shared/cloud/rate-limit.ts';

const never = (): AbortSignal => new AbortController().signal;

function subject(callsPerSecond: number, maxQueue?: number) {
  const clock = new ManualClock();
  const limiter = new RateLimiter({ clock, callsPerSecond, ...(maxQueue ? { maxQueue } : {}) });
  /** The times of the starts, with the names given. */
  const starts: [string, number][] = [];
  const ask = (name: string, signal = never(), options = {}): Promise<void> =>
    limiter.turn(signal, options).then(() => {
      starts.push([name, clock.monotonic()]);
    });
  return { clock, limiter, starts, ask };
}

describe('RateLimiter', () => {
  it('listens once to a signal that many wait with', async () => {
    const { ask } = subject(1);
    const controller = new AbortController();
    await ask('first', controller.signal);
    const waits = Array.from({ length: 20 }, () => assert.rejects(ask('more', controller.signal)));
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    controller.abort(new Error('enough'));
    await Promise.all(waits);
  });

  it('lets those that come first go before all others, in their own order', async () => {
    const { clock, limiter, starts, ask } = subject(1);
    const first = { isFirst: true };
    const calls = [
      ask('a'),
      ask('b'),
      ask('c'),
      ask('d', never(), first),
      ask('e', never(), first),
    ];
    assert.equal(limiter.waiting, 4);
    await clock.advance(4000);
    await Promise.all(calls);
    assert.deepEqual(
      starts.map(([name]) => name),
      ['a', 'd', 'e', 'b', 'c'],
    );
    assert.deepEqual(
      starts.map(([, at]) => at),
      [0, 1000, 2000, 3000, 4000],
    );
  });

  it('forgets one that came first and gave up', async () => {
    const { clock, limiter, starts, ask } = subject(1);
    const controller = new AbortController();
    const calls = [ask('a'), ask('b')];
    const leaving = assert.rejects(ask('c', controller.signal, { isFirst: true }));
    controller.abort();
    await leaving;
    assert.equal(limiter.waiting, 1);
    await clock.advance(1000);
    await Promise.all(calls);
    assert.deepEqual(starts.at(-1), ['b', 1000]);
  });

  it('starts the first call at once and the others evenly spaced, in the order of asking', async () => {
    const { clock, starts, ask } = subject(2);
    const calls = Promise.all(['a', 'b', 'c'].map((name) => ask(name)));
    await clock.advance(1000);
    await calls;
    assert.deepEqual(starts, [
      ['a', 0],
      ['b', 500],
      ['c', 1000],
    ]);
    assert.equal(clock.pending, 0);
  });

  it('saves nothing up: a pause earns no burst', async () => {
    const { clock, starts, ask } = subject(1);
    await clock.advance(60_000);
    const calls = Promise.all([ask('a'), ask('b')]);
    await clock.advance(1000);
    await calls;
    assert.deepEqual(
      starts.map(([, at]) => at),
      [60_000, 61_000],
    );
  });

  it('lets all start at once without a limit', async () => {
    const { clock, starts, ask } = subject(Infinity);
    const calls = Promise.all(Array.from({ length: 100 }, (_, index) => ask(String(index))));
    await clock.advance(0);
    await calls;
    assert.equal(starts.length, 100);
  });

  it('gives the turn of who gives up to the next', async () => {
    const { clock, starts, ask } = subject(1);
    const controller = new AbortController();
    const gone = new Error('gone');
    const first = ask('a');
    const second = assert.rejects(ask('b', controller.signal), { cause: gone });
    const third = ask('c');
    await clock.advance(500);
    controller.abort(gone);
    await clock.advance(500);
    await Promise.all([first, second, third]);
    assert.deepEqual(starts, [
      ['a', 0],
      ['c', 1000],
    ]);
  });

  it('refuses at once who comes with an aborted signal', async () => {
    const { limiter, ask } = subject(1);
    await assert.rejects(ask('a', AbortSignal.abort()), (error) => hasCode(error, 'NP_ABORTED'));
    await limiter.turn(never());
  });

  it('starts nothing for as long as the cloud asked for', async () => {
    const { clock, limiter, starts, ask } = subject(10);
    const calls = Promise.all([ask('a'), ask('b'), ask('c')]);
    limiter.bend(5000);
    limiter.bend(10);
    await clock.advance(5100);
    await calls;
    assert.deepEqual(starts, [
      ['a', 0],
      ['b', 5000],
      ['c', 5100],
    ]);
  });

  it('bends without a limit, too', async () => {
    const { clock, limiter, starts, ask } = subject(Infinity);
    limiter.bend(1000);
    const calls = Promise.all([ask('a'), ask('b')]);
    await clock.advance(1000);
    await calls;
    assert.deepEqual(
      starts.map(([, at]) => at),
      [1000, 1000],
    );
  });

  it('refuses more than may wait', async () => {
    const { clock, ask } = subject(1, 2);
    const calls = Promise.all([ask('a'), ask('b'), ask('c')]);
    await assert.rejects(ask('d'), (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
    await clock.advance(2000);
    await calls;
  });

  it('passes on what the call answers or throws', async () => {
    const { limiter } = subject(Infinity);
    assert.equal(await limiter.run(never(), () => Promise.resolve(7)), 7);
    const error = new Error('no');
    await assert.rejects(
      limiter.run(never(), () => Promise.reject(error)),
      error,
    );
  });

  for (const rate of [0, -1, NaN])
    it(`does not take a rate of ${rate}`, () => {
      assert.throws(() => new RateLimiter({ clock: new ManualClock(), callsPerSecond: rate }));
    });

  it('never starts two calls closer than the rate allows, whatever comes and goes', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 700 }),
      gaveUpAfterMs: fc.option(fc.integer({ min: 1, max: 900 })),
      bendMs: fc.option(fc.integer({ min: 0, max: 900 }), { freq: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { clock, limiter, starts, ask } = subject(4);
        let left = 0;
        for (const [index, { waitMs, gaveUpAfterMs, bendMs }] of steps.entries()) {
          const controller = new AbortController();
          if (gaveUpAfterMs !== null)
            clock.after(gaveUpAfterMs, () => {
              controller.abort();
            });
          ask(String(index), controller.signal).catch(() => left++);
          if (bendMs !== null) limiter.bend(bendMs);
          await clock.advance(waitMs);
        }
        await clock.advance(60_000);
        assert.equal(starts.length + left, steps.length);
        assert.equal(limiter.waiting, 0);
        for (const [index, [, at]] of starts.entries()) {
          const before = starts[index - 1];
          if (before !== undefined) assert.ok(at - before[1] >= 250);
        }
      }),
      { numRuns: 40 },
    );
  });
});
