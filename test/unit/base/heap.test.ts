import assert from 'node:assert/strict';

import fc from 'fast-check';

import { Heap } from '../../../shared/base/heap.ts';

const ascending = (a: number, b: number): number => a - b;

function drain(heap: Heap<number>): number[] {
  const taken: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) taken.push(item);
  return taken;
}

describe('a heap', () => {
  it('gives nothing when it is empty', () => {
    assert.equal(new Heap(ascending).pop(), undefined);
  });

  it('gives the lowest that is in it, whatever was added and taken before', () => {
    const step = fc.option(fc.integer({ min: 0, max: 20 }), { nil: 'take' as const });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new Heap(ascending);
        const model: number[] = [];
        for (const one of steps) {
          if (one === 'take') {
            assert.equal(heap.pop(), model.sort(ascending).shift());
          } else {
            heap.push(one);
            model.push(one);
          }
          assert.equal(heap.size, model.length);
        }
        assert.deepEqual(drain(heap), model.sort(ascending));
      }),
    );
  });

  it('keeps its order when items are left out', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (numbers) => {
        const heap = new Heap(ascending);
        for (const number of numbers) heap.push(number);
        heap.filter((number) => number % 3 > 0);
        assert.deepEqual(drain(heap), numbers.filter((one) => one % 3 > 0).sort(ascending));
      }),
    );
  });
});
