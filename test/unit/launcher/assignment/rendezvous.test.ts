import assert from 'node:assert/strict';

import fc from 'fast-check';

import { preferred } from '../../../../launcher/assignment/rendezvous.ts';

const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });

describe('preferred', () => {
  it('answers nobody of none', () => {
    assert.equal(preferred('key', []), undefined);
  });

  it('answers the same whatever the order', () => {
    fc.assert(
      fc.property(fc.string(), ids, (key, list) => {
        const chosen = preferred(key, list);
        assert.ok(chosen !== undefined && list.includes(chosen));
        assert.equal(preferred(key, list.toReversed()), chosen);
      }),
    );
  });

  it('moves a key only to one that comes, or from one that goes', () => {
    fc.assert(
      fc.property(fc.string(), ids, (key, list) => {
        const [newcomer, ...before] = list;
        const after = preferred(key, list);
        assert.ok(after === newcomer || after === preferred(key, before));
      }),
    );
  });

  it('spreads keys over all', () => {
    const members = ['one', 'two', 'three', 'four'];
    const counts = new Map(members.map((id) => [id, 0]));
    for (let key = 0; key < 4000; key++) {
      const chosen = preferred(String(key).padStart(10, '0'), members) ?? '';
      counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
    }
    for (const [id, count] of counts) assert.ok(count > 700 && count < 1300, `${id}: ${count}`);
  });
});
