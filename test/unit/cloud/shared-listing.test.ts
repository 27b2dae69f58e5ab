import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

import { ManualClock } from '../../../fixtures/clock.ts';
import { CloudError, hasCode } from '../../../shared/base/errors.ts';
import { SharedListing } from '../../../shared/cloud/shared-listing.ts';

const never = (): AbortSignal => new AbortController().signal;

interface Call {
  readonly startedMs: number;
  readonly signal: AbortSignal;
}

/** Each listing takes `takesMs` and answers with the number of the call, from 1. */
function subject(takesMs = 10, fail?: (call: number) => Error | undefined) {
  const clock = new ManualClock();
  const calls: Call[] = [];
  const listing = new SharedListing<number>({
    clock,
    pollSeconds: 1,
    timeoutSeconds: 30,
    list: (signal) => {
      calls.push({ startedMs: clock.monotonic(), signal });
      const number = calls.length;
      return new Promise((resolve, reject) => {
        clock.after(takesMs, () => {
          const error = fail?.(number);
          if (error) reject(error);
          else resolve(number);
        });
      });
    },
  });
  return { clock, calls, listing };
}

const startsOf = (calls: readonly Call[]): number[] => calls.map((call) => call.startedMs);

describe('SharedListing', () => {
  it('listens once to a signal that many wait with', async () => {
    const { listing } = subject();
    const controller = new AbortController();
    const waits = Array.from({ length: 20 }, () => assert.rejects(listing.next(controller.signal)));
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    controller.abort(new Error('enough'));
    await Promise.all(waits);
  });

  it('calls nothing while nobody waits', async () => {
    const { clock, calls } = subject();
    await clock.advance(60_000);
    assert.equal(calls.length, 0);
    assert.equal(clock.pending, 0);
  });

  it('costs a thousand waiters one call a tick', async () => {
    const { clock, calls, listing } = subject();
    const seen: number[] = [];
    const follow = async (): Promise<void> => {
      for (let round = 0; round < 5; round++) seen.push(await listing.next(never()));
    };
    const all = Promise.all(Array.from({ length: 1000 }, follow));
    await clock.advance(4010);
    await all;
    assert.deepEqual(startsOf(calls), [0, 1000, 2000, 3000, 4000]);
    assert.equal(seen.length, 5000);
    assert.equal(clock.pending, 0);
  });

  it('never serves a listing that began before it was asked for', async () => {
    const { clock, listing } = subject(500);
    const early = listing.next(never());
    await clock.advance(100);
    const late = listing.next(never());
    await clock.advance(2000);
    assert.equal(await early, 1);
    assert.equal(await late, 2);
  });

  it('begins the next only after a slow one has ended', async () => {
    const { clock, calls, listing } = subject(3000);
    const early = listing.next(never());
    await clock.advance(1);
    const late = listing.next(never());
    await clock.advance(6000);
    await Promise.all([early, late]);
    assert.deepEqual(startsOf(calls), [0, 3000]);
  });

  it('tells all who wait of a failure, and goes on', async () => {
    const failure = new Error('the cloud is down');
    const { clock, listing } = subject(10, (call) => (call === 1 ? failure : undefined));
    const outcomes = Promise.allSettled([listing.next(never()), listing.next(never())]);
    await clock.advance(10);
    for (const outcome of await outcomes) {
      assert.equal(outcome.status, 'rejected');
      assert.equal(outcome.reason, failure);
    }
    const next = listing.next(never());
    await clock.advance(2000);
    assert.equal(await next, 2);
  });

  it('lets one waiter go without a loss for the others', async () => {
    const { clock, calls, listing } = subject();
    const controller = new AbortController();
    const gone = assert.rejects(listing.next(controller.signal));
    const stays = listing.next(never());
    await clock.advance(5);
    controller.abort();
    await clock.advance(5);
    await gone;
    assert.equal(await stays, 1);
    assert.equal(calls[0]?.signal.aborted, false);
  });

  it('ends a listing that nobody waits for any more', async () => {
    const { clock, calls, listing } = subject();
    const controller = new AbortController();
    const gone = assert.rejects(listing.next(controller.signal));
    await clock.advance(5);
    controller.abort();
    await gone;
    assert.equal(calls[0]?.signal.aborted, true);
  });

  it('does not begin a listing whose only waiter has gone before', async () => {
    const { clock, calls, listing } = subject();
    const first = listing.next(never());
    await clock.advance(10);
    await first;
    const controller = new AbortController();
    const gone = assert.rejects(listing.next(controller.signal));
    await clock.advance(100);
    controller.abort();
    await gone;
    await clock.advance(10_000);
    assert.equal(calls.length, 1);
    assert.equal(clock.pending, 0);
  });

  it('gives a listing up that does not end', async () => {
    const { clock, calls, listing } = subject(1e9);
    const waiting = assert.rejects(listing.next(never()), (error) =>
      hasCode(error, 'NP_CLOUD_TRANSIENT'),
    );
    await clock.advance(30_000);
    await waiting;
    assert.equal(calls[0]?.signal.aborted, true);
  });

  it('turns all away when it is closed', async () => {
    const { clock, calls, listing } = subject();
    const isAborted = (error: unknown): boolean => hasCode(error, 'NP_ABORTED');
    const served = assert.rejects(listing.next(never()), isAborted);
    await clock.advance(5);
    const waiting = assert.rejects(listing.next(never()), isAborted);
    listing.close();
    await Promise.all([served, waiting]);
    await assert.rejects(listing.next(never()), isAborted);
    assert.equal(calls[0]?.signal.aborted, true);
    await clock.advance(60_000);
    assert.equal(calls.length, 1);
  });
});

describe('waiting for something in a listing', () => {
  const stumble = (): CloudError =>
    new CloudError('NP_CLOUD_TRANSIENT', 'stumbled', { labels: ['retryable'] });

  it('looks at listing after listing until it is there', async () => {
    const { clock, listing } = subject();
    const found = listing.until((number) => (number >= 3 ? `in ${number}` : undefined), never());
    await clock.advance(5000);
    assert.equal(await found, 'in 3');
  });

  it('goes on after a listing that stumbled', async () => {
    const { clock, listing } = subject(10, (call) => (call < 4 ? stumble() : undefined));
    const found = listing.until((number) => number, never());
    await clock.advance(5000);
    assert.equal(await found, 4);
  });

  it('gives up where listings stumble again and again', async () => {
    const { clock, calls, listing } = subject(10, stumble);
    const failing = assert.rejects(listing.until((number) => number, never()));
    await clock.advance(60_000);
    await failing;
    assert.equal(calls.length, 5);
  });

  it('waits two minutes for a cloud that is not reached, as its machines go on', async () => {
    const away = (): Error =>
      new CloudError('NP_CLOUD_TRANSIENT', 'away', { labels: ['retryable', 'unreachable'] });
    let isAway = true;
    const { clock, listing } = subject(10, () => (isAway ? away() : undefined));
    const found = listing.until((number) => number, never());
    await clock.advance(110_000);
    isAway = false;
    await clock.advance(10_000);
    await found;
    isAway = true;
    const failing = assert.rejects(listing.until((number) => number, never()));
    await clock.advance(130_000);
    await failing;
  });

  it('is listed less often the longer it takes, and as often as ever for who is new', async () => {
    const { clock, calls, listing } = subject();
    const controller = new AbortController();
    const slow = assert.rejects(listing.until(() => undefined, controller.signal));
    await clock.advance(12_000);
    const first = calls.length;
    assert.ok(first >= 12, `${first} at first`);
    await clock.advance(600_000);
    const later = calls.length;
    await clock.advance(60_000);
    assert.equal(calls.length - later, 12, 'in the minute after ten');
    const quick = [1, 2].map(() =>
      assert.rejects(listing.until(() => undefined, controller.signal)),
    );
    await clock.advance(5_000);
    const before = calls.length;
    await clock.advance(5_000);
    assert.equal(calls.length - before, 5, 'in five seconds');
    controller.abort();
    await Promise.all([slow, ...quick]);
  });

  it('counts only failures in a row', async () => {
    const { clock, listing } = subject(10, (call) => (call % 4 === 0 ? undefined : stumble()));
    const found = listing.until((number) => (number >= 12 ? number : undefined), never());
    await clock.advance(60_000);
    assert.equal(await found, 12);
  });

  it('ends with a failure that will not pass, and with what the look throws', async () => {
    const fatal = new CloudError('NP_CLOUD_FATAL', 'forbidden');
    const { clock, listing } = subject(10, (call) => (call === 1 ? fatal : undefined));
    const first = assert.rejects(
      listing.until(() => undefined, never()),
      fatal,
    );
    await clock.advance(100);
    await first;
    const broken = new Error('the machine failed');
    const second = assert.rejects(
      listing.until(() => Promise.reject(broken), never()),
      broken,
    );
    await clock.advance(2000);
    await second;
  });

  it('ends at once when it is aborted, whatever labels the reason has', async () => {
    const { clock, calls, listing } = subject();
    const controller = new AbortController();
    const ending = assert.rejects(listing.until(() => undefined, controller.signal));
    await clock.advance(1500);
    controller.abort(stumble());
    await ending;
    await clock.advance(60_000);
    assert.equal(calls.length, 2);
  });
});
