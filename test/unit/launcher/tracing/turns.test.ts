import assert from 'node:assert/strict';

import { Turns } from '../../../../launcher/tracing/turns.ts';

describe('work in turns', () => {
  it('is done in order, a few pieces at a time', async () => {
    const turns = new Turns();
    const done: number[] = [];
    for (let piece = 0; piece < 50; piece++) turns.add(() => done.push(piece));
    assert.equal(done.length, 0);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(done.length, 20);
    await turns.done();
    assert.deepEqual(
      done,
      Array.from({ length: 50 }, (_, piece) => piece),
    );
    turns.add(() => done.push(50));
    await turns.done();
    assert.equal(done.length, 51);
  });
});
