import assert from 'node:assert/strict';
import fc from 'fast-check';

import { settle } from '../../../fixtures/clock.ts';
import { hasCode } from '../../../shared/base/errors.ts';
import { Batches } from '../../../shared/cloud/batches.ts';

const never = (): AbortSignal => new AbortController().signal;
const refusal = new Error('refused');

function subject({ most = 3, bad = [] as readonly string[] } = {}) {
  const calls: (readonly string[])[] = [];
  let goOn: (() => void) | undefined;
  let isHeld = false;
  const batches = new Batches<string>({
    most,
    call: async (keys, signal) => {
      calls.push(keys);
      if (isHeld)
        await new Promise<void>((resolve, reject) => {
          goOn = resolve;
          signal.addEventListener('abort', () => {
            reject(new Error('aborted'));
          });
        });
      if (keys.some((key) => bad.includes(key))) throw refusal;
      return keys.join();
    },
    isOfOne: (error) => error === refusal,
  });
  return {
    ...{ batches, calls },
    run: (key: string, signal = never()) => batches.run(key, signal),
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      goOn?.();
    },
  };
}

describe('calls for many at once', () => {
  it('are one for all who ask in the same moment', async () => {
    const { run, calls } = subject();
    assert.deepEqual(await Promise.all([run('a'), run('b'), run('a')]), ['a,b', 'a,b', 'a,b']);
    assert.deepEqual(calls, [['a', 'b']]);
  });

  it('take those who ask while one runs with the next', async () => {
    const { run, calls, hold, release } = subject();
    hold();
    const first = run('a');
    await settle();
    const others = ['b', 'c', 'a'].map((key) => run(key));
    await settle();
    assert.deepEqual(calls, [['a']]);
    release();
    assert.equal(await first, 'a');
    assert.deepEqual(await Promise.all(others), ['b,c,a', 'b,c,a', 'b,c,a']);
    assert.equal(calls.length, 2);
  });

  it('fail for all where the failure may be about all', async () => {
    const { batches, calls } = subject();
    const broken = new Batches<void>({
      most: 3,
      call: (keys) => {
        calls.push(keys);
        return Promise.reject(new Error('the cloud is away'));
      },
      isOfOne: () => false,
    });
    const runs = ['a', 'b'].map((key) => broken.run(key, never()));
    for (const run of runs) await assert.rejects(run, /away/);
    assert.deepEqual(calls, [['a', 'b']]);
    batches.close();
  });

  it('are made for each alone where one of them spoils it', async () => {
    const { run, calls } = subject({ bad: ['b'] });
    const [a, b, c] = [run('a'), run('b'), run('c')];
    await assert.rejects(b, refusal);
    assert.deepEqual([await a, await c], ['a', 'c']);
    assert.deepEqual(calls, [['a', 'b', 'c'], ['a'], ['b'], ['c']]);
    // One who is alone is not asked for again.
    await assert.rejects(run('b'), refusal);
    assert.equal(calls.length, 5);
  });

  it('go on where somebody does not wait any more', async () => {
    const { run, calls, hold, release } = subject();
    hold();
    const controller = new AbortController();
    const given = run('a', controller.signal);
    await settle();
    controller.abort(new Error('given up'));
    await assert.rejects(given, (error) => hasCode(error, 'NP_ABORTED'));
    const next = run('b');
    release();
    assert.equal(await next, 'b');
    assert.deepEqual(calls, [['a'], ['b']]);
    await assert.rejects(run('c', controller.signal));
    assert.equal(calls.length, 2);
  });

  it('end when they are closed', async () => {
    const { batches, run, calls, hold } = subject();
    hold();
    const [running] = [run('a')];
    await settle();
    const waiting = run('b');
    batches.close();
    await assert.rejects(waiting, (error) => hasCode(error, 'NP_ABORTED'));
    await assert.rejects(running);
    await assert.rejects(run('c'), (error) => hasCode(error, 'NP_ABORTED'));
    await settle();
    assert.deepEqual(calls, [['a']]);
  });

  it('have so many keys at most, and nobody is forgotten', async () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 4 }), async (asked, most) => {
        const { run, calls } = subject({ most });
        const answers = await Promise.all(asked.map((key) => run(key)));
        assert.ok(calls.every((one) => one.length <= most && new Set(one).size === one.length));
        answers.forEach((answer, index) => {
          assert.ok(answer.split(',').includes(asked[index] ?? ''));
        });
        assert.equal(calls.flat().length, new Set(asked).size);
      }),
    );
  });
});
