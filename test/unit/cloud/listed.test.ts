import assert from 'node:assert/strict';

import { listed } from '../../../shared/cloud/listed.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

describe('what there is to choose from', () => {
  it('is said, or that there is nothing', () => {
    assert.equal(listed(['b', 'a']), 'b, a');
    assert.equal(listed([]), 'none that we may use');
  });

  it('is not said at any length', () => {
    assert.equal(listed(names(40)), names(40).join(', '));
    assert.equal(listed(names(42)), `${names(40).join(', ')}, and 2 more`);
  });
});
