/** The ring behaves as an array would. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Fifo } from '../../../shared/zookeeper/fifo.ts';

describe('Fifo', () => {
  it('keeps the order of a plain list under any mix of calls', () => {
    const steps = fc.array(fc.constantFrom('push', 'push', 'shift', 'peek', 'list', 'drain'), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const fifo = new Fifo<number>();
        let model: number[] = [];
        for (const [index, step] of list.entries()) {
          if (step === 'push') {
            fifo.push(index);
            model.push(index);
          } else if (step === 'shift') assert.equal(fifo.shift(), model.shift());
          else if (step === 'peek') assert.equal(fifo.peek(), model[0]);
          else if (step === 'list') assert.deepEqual([...fifo], model);
          else {
            assert.deepEqual(fifo.drain(), model);
            model = [];
          }
          assert.equal(fifo.size, model.length);
        }
      }),
    );
  });
});
