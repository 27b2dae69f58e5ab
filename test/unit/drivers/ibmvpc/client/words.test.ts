import assert from 'node:assert/strict';

import { wordsOf } from '../../../../../shared/drivers/ibmvpc/client/words.ts';

describe('words of IBM', () => {
  it('are those of all errors of VPC', () => {
    const text = JSON.stringify({
      errors: [
        { code: 'a', message: 'first\n  line', more_info: 'https://x', target: { name: 'n' } },
        { code: 'b', message: 'second' },
      ],
      trace: 't',
    });
    assert.deepEqual(wordsOf(text), { codes: ['a', 'b'], message: 'first line second' });
  });

  it('are those of the resource controller', () => {
    const text = JSON.stringify({ message: 'no', error_code: 'RC-Forbidden', status_code: 403 });
    assert.deepEqual(wordsOf(text), { codes: ['RC-Forbidden'], message: 'no' });
  });

  it('are those of IAM', () => {
    const text = JSON.stringify({
      errorCode: 'BXNIM0415E',
      errorMessage: 'Provided API key could not be found.',
      context: { requestId: 'x' },
    });
    assert.deepEqual(wordsOf(text), {
      codes: ['BXNIM0415E'],
      message: 'Provided API key could not be found.',
    });
  });

  it('are the text of a page of a proxy, in one line and not too long', () => {
    assert.equal(wordsOf('<style>x</style><h1>Bad\ngateway</h1>').message, 'Bad gateway');
    assert.equal(wordsOf('x'.repeat(5000)).message.length, 1000);
    for (const text of ['', '[]', '7', '{"errors": 3}', '{"errors": [null, 4]}'])
      assert.deepEqual(wordsOf(text).codes, []);
  });
});
