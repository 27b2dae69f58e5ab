import assert from 'node:assert/strict';

import fc from 'fast-check';

import { resolvePlain } from '../../../shared/base/pyyaml-scalar.ts';
import { scalarCases } from '../config/scalar-cases.ts';

describe('resolvePlain', () => {
  for (const [source, value] of scalarCases) {
    it(`reads ${source} as ${typeof value === 'string' ? 'text' : String(value)}`, () => {
      assert.equal(resolvePlain(source), value);
    });
  }

  it('reads an empty scalar as null', () => {
    assert.equal(resolvePlain(''), null);
  });

  it('reads .nan as no number', () => {
    assert.ok(Number.isNaN(resolvePlain('.nan')));
  });

  it('gives back every decimal integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        assert.equal(resolvePlain(String(number)), number);
      }),
    );
  });
});
