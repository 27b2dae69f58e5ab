import assert from 'node:assert/strict';

import { sayDuration, sayIds } from '../../../../shared/cli/explain/words.ts';

describe('sayDuration', () => {
  for (const [seconds, words] of [
    [-5, '0 s'],
    [0.9, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3599, '59 min 59 s'],
    [3605, '1 h'],
    [3665, '1 h 1 min'],
    [86_400 * 3 + 7200, '3 d 2 h'],
  ] as const)
    it(`says ${words} for ${seconds} seconds`, () => {
      assert.equal(sayDuration(seconds), words);
    });
});

describe('sayIds', () => {
  it('counts those that are not named', () => {
    assert.equal(sayIds(['a', 'b'], 5), 'a, b and 3 more');
    assert.equal(sayIds(['a', 'b'], 2), 'a, b');
  });
});
