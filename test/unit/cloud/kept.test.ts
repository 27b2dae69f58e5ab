import assert from 'node:assert/strict';

import { ManualClock } from '../../../fixtures/clock.ts';
import { Kept } from '../../../shared/cloud/kept.ts';

const never = (): AbortSignal => new AbortController().signal;

/** Answers are given by hand, in any order. */
function subject() {
  const asked: {
    readonly signal: AbortSignal;
    readonly resolve: (answer: number) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  const kept = new Kept<number>(
    (signal) =>
      new Promise((resolve, reject) => {
        asked.push({ signal, resolve, reject });
      }),
  );
  return { asked, kept };
}

describe('Kept', () => {
  it('asks once for all, during the call and after it', async () => {
    const { asked, kept } = subject();
    assert.equal(kept.current, undefined);
    const early = [kept.get(never()), kept.get(never())];
    asked[0]?.resolve(1);
    assert.deepEqual(await Promise.all(early), [1, 1]);
    assert.equal(kept.current, 1);
    assert.equal(await kept.get(never()), 1);
    assert.equal(asked.length, 1);
  });

  it('keeps an answer that says nothing', async () => {
    let calls = 0;
    const kept = new Kept(() => {
      calls++;
      return Promise.resolve(undefined);
    });
    await kept.get(never());
    await kept.get(never());
    assert.equal(calls, 1);
  });

  it('does not keep a failure', async () => {
    const { asked, kept } = subject();
    const failing = assert.rejects(kept.get(never()), /down/);
    asked[0]?.reject(new Error('down'));
    await failing;
    const next = kept.get(never());
    asked[1]?.resolve(2);
    assert.equal(await next, 2);
  });

  it('asks again when it was dropped', async () => {
    const { asked, kept } = subject();
    const first = kept.get(never());
    asked[0]?.resolve(1);
    await first;
    kept.drop();
    assert.equal(kept.current, undefined);
    const second = kept.get(never());
    asked[1]?.resolve(2);
    assert.equal(await second, 2);
    assert.equal(kept.current, 2);
  });

  it('gives nobody an answer that was asked for before it was dropped', async () => {
    const { asked, kept } = subject();
    const before = kept.get(never());
    kept.drop();
    const after = kept.get(never());
    asked[1]?.resolve(2);
    assert.equal(await after, 2);
    asked[0]?.resolve(1);
    assert.equal(await before, 1);
    assert.equal(kept.current, 2);
  });

  it('lets one who gives up go, and ends the call with the last of them', async () => {
    const { asked, kept } = subject();
    const [one, two] = [new AbortController(), new AbortController()];
    const all = [kept.get(one.signal), kept.get(two.signal)].map((wait) => assert.rejects(wait));
    one.abort(new Error('enough'));
    await all[0];
    assert.equal(asked.at(0)?.signal.aborted, false);
    two.abort(new Error('enough'));
    await all[1];
    assert.equal(asked.at(0)?.signal.aborted, true);
    assert.equal(asked.length, 1);
  });

  it('asks again once the time of an answer is over', async () => {
    const clock = new ManualClock();
    let calls = 0;
    const kept = new Kept(() => Promise.resolve(++calls), { clock, forSeconds: 300 });
    assert.equal(await kept.get(never()), 1);
    await clock.advance(299_000);
    assert.equal(await kept.get(never()), 1);
    assert.equal(kept.current, 1);
    await clock.advance(1000);
    assert.equal(kept.current, undefined);
    assert.equal(await kept.get(never()), 2);
  });
});
