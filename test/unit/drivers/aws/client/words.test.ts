import assert from 'node:assert/strict';

import { namedIds, shownWords } from '../../../../../shared/drivers/aws/client/words.ts';

describe("AWS's words", () => {
  it('are shown as they are', () => {
    assert.equal(
      shownWords("The key pair 'zuul' does not exist"),
      "The key pair 'zuul' does not exist",
    );
  });

  it('show no signatures, tokens and ids of keys', () => {
    const header =
      'Authorization=AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-west-2/ec2, ' +
      'Signature=fe5f80';
    assert.equal(shownWords(`Wrong header ${header}`), 'Wrong header Authorization=...');
    assert.equal(
      shownWords('no key AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE'),
      'no key AKIA... and ASIA...',
    );
    assert.equal(
      shownWords('/?X-Amz-Security-Token=abc&X-Amz-Signature=def x'),
      '/?X-Amz-Security-Token=... x',
    );
  });

  it('leave out what only another call can read', () => {
    const text = 'You may not. Encoded authorization failure message: AAAA BBBB';
    assert.equal(shownWords(text), 'You may not.');
  });

  it('are one line of bearable length', () => {
    assert.equal(shownWords(' a \n  b '), 'a b');
    assert.equal(shownWords('x'.repeat(2000)).length, 603);
  });
});

describe("ids in AWS's words", () => {
  it('are found as a whole', () => {
    const text = "The instance IDs 'i-1, i-22' do not exist";
    assert.deepEqual(namedIds(text, ['i-1', 'i-2', 'i-22']), ['i-1', 'i-22']);
    assert.deepEqual(namedIds('Invalid id: "i-3"', ['i-3']), ['i-3']);
    assert.deepEqual(namedIds('nobody', ['i-3']), []);
  });
});
