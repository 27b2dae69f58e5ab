import assert from 'node:assert/strict';
import { eachInTurns } from '../../../shared/base/turns.ts';

describe('things that are worked on in turns', () => {
  it('are met once each and in order, so many in a turn, the first ones at once', async () => {
    const met: number[] = [];
    const work = eachInTurns([1, 2, 3, 4, 5], (one) => met.push(one), 2);
    assert.deepEqual(met, [1, 2]);
    const seen: number[][] = [];
    const look = (): void => {
      seen.push([...met]);
      if (met.length < 5) setImmediate(look);
    };
    setImmediate(look);
    await work;
    assert.deepEqual(met, [1, 2, 3, 4, 5]);
    assert.deepEqual(seen[0], [1, 2, 3, 4]);
  });

  it('are all met before it returns where they are few', () => {
    const met: string[] = [];
    void eachInTurns(new Set(['a', 'b']), (one) => met.push(one));
    assert.deepEqual(met, ['a', 'b']);
  });

  it('tell of what goes wrong, in a later turn, too', async () => {
    const work = eachInTurns(
      [1, 2],
      (one) => {
        if (one === 2) throw new Error('two');
      },
      1,
    );
    await assert.rejects(work, /two/);
  });
});
