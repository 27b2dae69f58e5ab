import assert from 'node:assert/strict';

import { Turns } from '../../../../shared/web/events/turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns of the readers of events', () => {
  it('do some of the work each, in the order of asking, with others in between', async () => {
    const turns = new Turns();
    const done: number[] = [];
    for (let i = 0; i < 20; i++)
      turns.add(() => {
        done.push(i);
        // What asks again comes after all others.
        if (i === 0) turns.add(() => done.push(100));
      });
    assert.deepEqual(done, []);
    const counts: number[] = [];
    while (done.length < 21) {
      await turn();
      counts.push(done.length);
    }
    assert.deepEqual(counts, [8, 16, 21]);
    assert.deepEqual(done, [...Array.from({ length: 20 }, (_, i) => i), 100]);
  });
});
