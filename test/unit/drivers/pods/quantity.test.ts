import assert from 'node:assert/strict';

import fc from 'fast-check';

import { parseQuantity } from '../../../../shared/drivers/pods/quantity.ts';

describe('pods: amounts of Kubernetes', () => {
  for (const [text, amount] of [
    ['2', 2],
    ['500m', 0.5],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['3e2', 300],
    ['1E', 1e18],
    ['1E3', 1000],
    ['128974848', 128974848],
    ['129M', 129e6],
    ['.5', 0.5],
    ['-1k', -1000],
    ['0', 0],
  ] as const)
    it(`reads ${text}`, () => {
      assert.equal(parseQuantity(text), amount);
    });

  it('takes nothing else for an amount', () => {
    for (const text of ['', 'x', '1 Gi', '1gi', '1KiB', 'Gi', '1..2', '1e'])
      assert.equal(parseQuantity(text), undefined, text);
  });

  it('reads whole numbers with every unit as so many of it', () => {
    const units = { '': 1, k: 1e3, M: 1e6, Ki: 1024, Mi: 2 ** 20, Ti: 2 ** 40 };
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.constantFrom(...Object.entries(units)),
        (n, [unit, one]) => {
          assert.equal(parseQuantity(`${n}${unit}`), n * one);
        },
      ),
    );
  });
});
