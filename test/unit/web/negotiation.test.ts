import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chooseShape } from '../../../shared/web/negotiation.ts';

describe('chooseShape', () => {
  const table: readonly [accept: string | undefined, shape: string | undefined][] = [
    [undefined, 'text'],
    ['', 'text'],
    ['application/json', 'json'],
    ['APPLICATION/JSON', 'json'],
    ['application/json, */*', 'text'],
    ['application/json, */*;q=0.5', 'json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
    ['application/*', 'json'],
    ['text/*;q=0.4, application/json;q=0.5', 'json'],
    ['text/plain;q=0, */*', 'text'],
    ['application/json;charset=utf-8', 'json'],
    ['application/json;q=0', undefined],
    ['image/png', undefined],
    ['not a header', 'text'],
    ['application/json;q=2', 'text'],
  ];
  for (const [accept, shape] of table)
    it(`gives ${shape ?? 'nothing'} for ${JSON.stringify(accept)}`, () => {
      assert.equal(chooseShape(accept), shape);
    });

  it('has an answer for any text', () => {
    fc.assert(
      fc.property(fc.string(), (accept) => {
        assert.ok(['text', 'json', undefined].includes(chooseShape(accept)));
      }),
    );
  });
});
