import assert from 'node:assert/strict';

import { joinRepeated, splitRepeated } from '../../../shared/cli/repeated.ts';

describe('an option that may be repeated', () => {
  for (const [words, expected] of [
    [
      ['explain', '1'],
      ['explain', '1'],
    ],
    [
      ['--url', 'a', 'explain', '--url=b', '1'],
      ['explain', '1', '--url', 'a\nb'],
    ],
    [
      ['--url', 'a', '--', '--url', 'b'],
      ['--url', 'a', '--', '--url', 'b'],
    ],
    [['--url'], ['--url']],
    [
      ['--url', '--', 'a'],
      ['--url', '--', 'a'],
    ],
  ] as const)
    it(`is one word: ${words.join(' ')}`, () => {
      assert.deepEqual(joinRepeated(words, 'url'), expected);
    });

  it('has all its values again', () => {
    assert.deepEqual(splitRepeated('a\nb'), ['a', 'b']);
  });
});
