import assert from 'node:assert/strict';

import fc from 'fast-check';

import { declinePatch } from '../../../../launcher/requests/finish.ts';

describe('declinePatch', () => {
  for (const [before, declining, online, state, after] of [
    [[], ['a'], ['a', 'b'], 'requested', ['a']],
    [['b'], ['a'], ['a', 'b'], 'failed', ['b', 'a']],
    [['gone'], ['a'], ['a', 'b'], 'requested', ['gone', 'a']],
    [['gone'], ['a'], ['a'], 'failed', ['gone', 'a']],
    [[], ['a', 'b'], ['a', 'b'], 'failed', ['a', 'b']],
    [['a'], ['a'], ['a', 'b'], 'requested', ['a']],
    [[], ['a'], [], 'failed', ['a']],
  ] as const) {
    it(`says ${state} when ${declining.join()} declines after [${before.join()}], with [${online.join()}] online`, () => {
      const patch = declinePatch({ declined_by: [...before] }, declining, online);
      assert.deepEqual(patch, { state, declined_by: after });
    });
  }

  it('fails exactly when nobody online is left, keeps all and repeats none', () => {
    const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    fc.assert(
      fc.property(ids, ids, ids, (before, declining, online) => {
        const { state, declined_by } = declinePatch({ declined_by: before }, declining, online);
        const left = online.filter((id) => !before.includes(id) && !declining.includes(id));
        assert.equal(state, left.length === 0 ? 'failed' : 'requested');
        assert.deepEqual(declined_by.slice(0, before.length), before);
        assert.deepEqual(new Set(declined_by), new Set([...before, ...declining]));
        assert.equal(new Set(declined_by).size, declined_by.length);
      }),
    );
  });
});
