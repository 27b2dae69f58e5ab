import assert from 'node:assert/strict';

import { distance, suggest } from '../../../shared/config/suggestion.ts';

describe('suggest', () => {
  const known = ['name', 'max-servers', 'max-cores', 'labels', 'key-name'];

  it('finds the option that was meant', () => {
    assert.equal(suggest('nmae', known), 'name');
    assert.equal(suggest('max_servers', known), 'max-servers');
    assert.equal(suggest('max-server', known), 'max-servers');
    assert.equal(suggest('Labels', known), 'labels');
  });

  it('says nothing where no option is near', () => {
    assert.equal(suggest('webapp', known), undefined);
    assert.equal(suggest('x'.repeat(1000), known), undefined);
  });

  it('counts a swap of neighbours as one change', () => {
    assert.equal(distance('abcd', 'abdc', 3), 1);
    assert.equal(distance('', 'ab', 3), 2);
    assert.equal(distance('same', 'same', 3), 0);
  });
});
