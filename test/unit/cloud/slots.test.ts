import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

import fc from 'fast-check';

import { settle } from '../../../fixtures/clock.ts';
import { Slots } from '../../../shared/cloud/slots.ts';

const never = (): AbortSignal => new AbortController().signal;

/** Work that ends when it is told to. */
function job() {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => {
      if (error) reject(error);
      else resolve();
    };
  });
  return { work: () => ended, end };
}

describe('Slots', () => {
  it('listen once to a signal that many wait with', async () => {
    const slots = new Slots(0);
    const controller = new AbortController();
    const waits = Array.from({ length: 20 }, () =>
      assert.rejects(slots.run(controller.signal, () => Promise.resolve())),
    );
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    controller.abort(new Error('enough'));
    await Promise.all(waits);
  });

  it('run no more than there are places, in the order of asking', async () => {
    const slots = new Slots(2);
    const started: number[] = [];
    const jobs = [0, 1, 2, 3].map((index) => {
      const { work, end } = job();
      const running = slots.run(never(), () => {
        started.push(index);
        return work();
      });
      return { end, running };
    });
    await settle();
    assert.deepEqual(started, [0, 1]);
    jobs[1]?.end();
    await settle();
    assert.deepEqual(started, [0, 1, 2]);
    for (const { end } of jobs) end();
    await Promise.all(jobs.map(({ running }) => running));
    assert.deepEqual(started, [0, 1, 2, 3]);
  });

  it('give a place back when the work fails', async () => {
    const slots = new Slots(1);
    const failure = new Error('no');
    await assert.rejects(
      slots.run(never(), () => Promise.reject(failure)),
      failure,
    );
    assert.equal(await slots.run(never(), () => Promise.resolve(1)), 1);
  });

  it('forget who gives up while waiting', async () => {
    const slots = new Slots(1);
    const first = job();
    const running = slots.run(never(), first.work);
    const controller = new AbortController();
    const waiting = slots.run(controller.signal, () => assert.fail('must not start'));
    controller.abort();
    await assert.rejects(waiting);
    first.end();
    await running;
    assert.equal(await slots.run(never(), () => Promise.resolve(1)), 1);
  });

  it('start nothing for who comes too late', async () => {
    const slots = new Slots(1);
    await assert.rejects(slots.run(AbortSignal.abort(), () => assert.fail('must not start')));
    assert.equal(await slots.run(never(), () => Promise.resolve(1)), 1);
  });

  it('never run too many and lose no place, in whatever order work ends or is given up', async () => {
    const step = fc.record({ ends: fc.nat({ max: 9 }), givesUp: fc.nat({ max: 9 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 15 }),
        async (count, steps) => {
          const slots = new Slots(count);
          let running = 0;
          const all = Array.from({ length: 10 }, () => {
            const { work, end } = job();
            const controller = new AbortController();
            const outcome = slots
              .run(controller.signal, async () => {
                assert.ok(++running <= count);
                await work().finally(() => running--);
              })
              .catch(() => undefined);
            return { end, controller, outcome };
          });
          for (const { ends, givesUp } of steps) {
            all[ends]?.end();
            all[givesUp]?.controller.abort();
            await settle();
          }
          for (const { end } of all) end();
          await Promise.all(all.map(({ outcome }) => outcome));
          const last = Array.from({ length: count }, () => slots.run(never(), () => settle()));
          await Promise.all(last);
        },
      ),
      { numRuns: 30 },
    );
  });
});
