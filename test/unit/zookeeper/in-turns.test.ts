import assert from 'node:assert/strict';
import { InTurns } from '../../../shared/zookeeper/in-turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('answers in turns', () => {
  it('are handed out so many in a turn, in order, however they come', async () => {
    const turns = new InTurns(2);
    const told: number[] = [];
    for (const number of [1, 2, 3, 4, 5]) turns.push(() => told.push(number));
    assert.deepEqual(told, [1, 2]);
    await turn();
    assert.deepEqual(told, [1, 2, 3, 4]);
    turns.push(() => told.push(6));
    assert.deepEqual(told, [1, 2, 3, 4], 'this turn has had its share');
    await turn();
    assert.deepEqual(told, [1, 2, 3, 4, 5, 6]);
  });

  it('are handed out at once again after a turn without any', async () => {
    const turns = new InTurns(1);
    const told: number[] = [];
    turns.push(() => told.push(1));
    await turn();
    await turn();
    turns.push(() => told.push(2));
    assert.deepEqual(told, [1, 2]);
  });

  it('let nobody pass whom the last turn left behind', async () => {
    const turns = new InTurns(2);
    const told: string[] = [];
    const tell = (what: string): void => {
      turns.push(() => told.push(what));
    };
    for (const what of ['a', 'b']) tell(what);
    turns.push(() => {
      told.push('c');
      tell('e');
    });
    tell('d');
    while (told.length < 5) await turn();
    assert.deepEqual(told, ['a', 'b', 'c', 'd', 'e']);
  });

  it('may bring further ones along, which keep their place in the order of asking', async () => {
    const turns = new InTurns(1);
    const told: string[] = [];
    turns.push(() => {
      told.push('a');
      turns.push(() => told.push('c'));
    });
    turns.push(() => told.push('b'));
    while (told.length < 3) await turn();
    // 'c' asked before 'b' did.
    assert.deepEqual(told, ['a', 'c', 'b']);
  });
});
