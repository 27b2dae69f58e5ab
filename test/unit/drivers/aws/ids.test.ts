import assert from 'node:assert/strict';

import { externalIdOf, readIds } from '../../../../shared/drivers/aws/ids.ts';

const INSTANCE = 'i-0123456789abcdef0';
const HOST = 'h-0123456789abcdef0';

describe('what a node of AWS is known by', () => {
  it('is its instance, its host, or both', () => {
    assert.deepEqual(readIds({ instance: INSTANCE }), { instance: INSTANCE });
    assert.deepEqual(readIds({ host: HOST }), { host: HOST });
    assert.deepEqual(readIds({ host: HOST, instance: null }), { host: HOST });
    const both = { instance: INSTANCE, host: HOST };
    assert.deepEqual(readIds(both), both);
    assert.deepEqual(readIds(externalIdOf(both)), both);
  });

  it('is an instance where an old node has a plain text', () => {
    assert.deepEqual(readIds(INSTANCE), { instance: INSTANCE });
    assert.deepEqual(readIds('i-01234567'), { instance: 'i-01234567' });
  });

  for (const id of ['', 'i-', 'i-XYZ', `${INSTANCE},i-01234567`, HOST, { host: INSTANCE }, {}])
    it(`is nothing where no such thing is called ${JSON.stringify(id)}`, () => {
      assert.equal(readIds(id), undefined);
    });
});
