import assert from 'node:assert/strict';
import fc from 'fast-check';

import {
  changesOf,
  digestOfInputs,
  hidden,
  type Inputs,
} from '../../../../builder/inputs/inputs.ts';

const INPUTS: Inputs = {
  command: 'c',
  elements: ['vm', 'ours'],
  release: 'bookworm',
  variables: { A: '1', B: '2' },
  folders: { ours: 'd', helper: 'e' },
  place: 'image x',
};

const CHANGES: readonly (readonly [Partial<Inputs>, readonly string[]])[] = [
  [{ command: 'd' }, ['dib-cmd']],
  [{ elements: ['ours', 'vm'] }, ['elements']],
  [{ release: 'trixie' }, ['release']],
  [{ variables: { A: '1', B: '3', C: '4' } }, ['env-vars: B', 'env-vars: C']],
  [{ folders: { ours: 'x' } }, ['element helper', 'element ours']],
  [{ place: 'image y' }, ['what diskimage-builder runs in']],
];

describe('inputs of an image', () => {
  it('have one digest for the same things, in whatever order they come', () => {
    const again = {
      ...INPUTS,
      variables: { B: '2', A: '1' },
      folders: { helper: 'e', ours: 'd' },
    };
    assert.equal(digestOfInputs(again), digestOfInputs(INPUTS));
    assert.deepEqual(changesOf(INPUTS, again), []);
  });

  for (const [change, words] of CHANGES)
    it(`have another one, and words for it, for another ${Object.keys(change).join()}`, () => {
      const now = { ...INPUTS, ...change };
      assert.notEqual(digestOfInputs(now), digestOfInputs(INPUTS));
      assert.deepEqual(changesOf(INPUTS, now), words);
    });

  it('have another digest exactly where there is a change', () => {
    const table = fc.dictionary(fc.constantFrom('A', 'B'), fc.constantFrom('1', '2'));
    const any = fc.record({
      command: fc.constantFrom('c', 'd'),
      elements: fc.array(fc.constantFrom('vm', 'ours'), { maxLength: 2 }),
      release: fc.constantFrom('', 'x'),
      variables: table,
      folders: table,
      place: fc.constantFrom('p', 'q'),
    });
    const agrees = (a: Inputs, b: Inputs): void => {
      assert.equal(changesOf(a, b).length === 0, digestOfInputs(a) === digestOfInputs(b));
    };
    fc.assert(fc.property(any, any, agrees));
    fc.assert(
      fc.property(any, (one) => {
        agrees(one, structuredClone(one));
      }),
    );
  });

  it('hide values from who has not the key', () => {
    const key = Buffer.alloc(32, 1);
    assert.equal(hidden('secret', key), hidden('secret', key));
    assert.notEqual(hidden('secret', key), hidden('secret', Buffer.alloc(32, 2)));
    assert.doesNotMatch(hidden('secret', key), /secret/);
  });
});
