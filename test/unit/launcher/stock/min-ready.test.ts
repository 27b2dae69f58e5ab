import assert from 'node:assert/strict';

import fc from 'fast-check';

import { isStockKeeper, missingStock } from '../../../../launcher/stock/min-ready.ts';
import { registered } from '../../../support/launcher-world.ts';

describe('missingStock', () => {
  for (const [minReady, ready, requested, missing] of [
    [0, 0, 0, 0],
    [2, 0, 0, 2],
    [2, 1, 0, 1],
    [2, 0, 1, 1],
    [2, 1, 1, 0],
    [2, 3, 0, 0],
    [2, 0, 5, 0],
    [-1, 0, 0, 0],
  ] as const) {
    it(`is ${missing} of ${minReady} with ${ready} ready and ${requested} on their way`, () => {
      assert.equal(missingStock({ label: { minReady }, ready, requested }), missing);
    });
  }
});

describe('isStockKeeper', () => {
  const small = (id: string) => registered({ id, labels: new Set(['small']) });

  it('is nobody while no pool online has the label', () => {
    const pools = [registered({ id: 'a', labels: new Set(['large']) })];
    assert.equal(isStockKeeper('small', pools, new Set(['a'])), false);
    assert.equal(isStockKeeper('small', [], new Set(['a'])), false);
  });

  it('is exactly one launcher for each label', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(ids, (list) => {
        const pools = list.map(small);
        const keepers = list.filter((id) => isStockKeeper('small', pools, new Set([id])));
        assert.equal(keepers.length, 1);
      }),
    );
  });

  it('spreads labels over launchers', () => {
    const labels = Array.from({ length: 100 }, (_, index) => `label-${index}`);
    const pools = ['a', 'b', 'c'].map((id) => registered({ id, labels: new Set(labels) }));
    for (const { id } of pools) {
      const kept = labels.filter((label) => isStockKeeper(label, pools, new Set([id])));
      assert.ok(kept.length > 15 && kept.length < 55, `${id} keeps ${kept.length}`);
    }
  });
});
