import assert from 'node:assert/strict';

import { wordsOf } from '../../../../../shared/drivers/gce/client/words.ts';

describe('the words of gce', () => {
  for (const [what, text, reasons, message] of [
    [
      'an API',
      '{"error": {"message": "no\\n room", "errors": [{"reason": "a"}, {"reason": "a"}, 1]}}',
      ['a'],
      'no room',
    ],
    [
      'a newer API',
      '{"error": {"message": "m", "details": [{"@type": "x"}, {"reason": "B"}]}}',
      ['B'],
      'm',
    ],
    [
      'the token service',
      '{"error": "invalid_grant", "error_description": "Bad"}',
      ['invalid_grant'],
      'Bad',
    ],
    ['a proxy', '<html><style>x { y }</style><h1>Gone</h1> away</html>', [], 'Gone away'],
    ['JSON of somebody else', '[1]', [], '[1]'],
    ['an error without words', '{"error": {}}', [], ''],
    ['nobody', '', [], ''],
  ] as const)
    it(`are found in those of ${what}`, () => {
      assert.deepEqual(wordsOf(text), { reasons, message });
    });

  it('are cut off when they are long', () => {
    assert.equal(wordsOf('x'.repeat(5000)).message.length, 1000);
  });
});
