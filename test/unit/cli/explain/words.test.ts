import assert from 'node:assert/strict';

import { sayIds } from '../../../../shared/cli/explain/words.ts';

describe('sayIds', () => {
  it('counts those that are not named', () => {
    assert.equal(sayIds(['a', 'b'], 5), 'a, b and 3 more');
    assert.equal(sayIds(['a', 'b'], 2), 'a, b');
  });
});
