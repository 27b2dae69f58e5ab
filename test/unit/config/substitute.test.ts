import assert from 'node:assert/strict';

import { substitute } from '../../../shared/config/substitute.ts';

describe('substitute', () => {
  it('replaces variables whose names begin with NODEPOOL_, everywhere', () => {
    const { text, values } = substitute('# %(NODEPOOL_A)\nx: %(NODEPOOL_A)%(NODEPOOL_A) %(HOME)', {
      NODEPOOL_A: 'v',
      HOME: '/root',
    });
    assert.equal(text, '# v\nx: vv %(HOME)');
    assert.deepEqual(values, ['v']);
  });

  it('leaves unknown names and other notations as they are', () => {
    const source = '%(NODEPOOL_B) %(NODEPOOL_A)s ${NODEPOOL_A} %NODEPOOL_A';
    assert.equal(
      substitute(source, { NODEPOOL_A: 'v' }).text,
      '%(NODEPOOL_B) vs ${NODEPOOL_A} %NODEPOOL_A',
    );
  });

  it('goes once through the variables, in their order', () => {
    const environment = { NODEPOOL_A: '%(NODEPOOL_B)', NODEPOOL_B: '%(NODEPOOL_A)' };
    assert.equal(substitute('%(NODEPOOL_A)', environment).text, '%(NODEPOOL_A)');
  });

  it('puts values in as they are, dollars too', () => {
    assert.equal(substitute('%(NODEPOOL_A)', { NODEPOOL_A: "$&$1$'" }).text, "$&$1$'");
  });
});
