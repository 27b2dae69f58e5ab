import assert from 'node:assert/strict';

import { noAnswerError } from '../../../../../shared/drivers/ibmvpc/client/connection-errors.ts';

const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code });

const ROWS: readonly (readonly [string, readonly string[], RegExp | undefined])[] = [
  ['ECONNRESET', ['retryable', 'ambiguous', 'unreachable'], undefined],
  ['ECONNREFUSED', ['retryable', 'unreachable'], undefined],
  ['ENOTFOUND', ['retryable', 'unreachable'], /region of the provider/],
  ['SELF_SIGNED_CERT_IN_CHAIN', ['retryable'], /NODE_EXTRA_CA_CERTS/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', ['retryable'], /another name/],
  ['CERT_HAS_EXPIRED', ['retryable'], /clock/],
];

describe('no answer from IBM', () => {
  for (const [code, labels, hint] of ROWS)
    it(`is sorted by what the network says: ${code}`, () => {
      // As fetch throws it.
      const cause = new TypeError('fetch failed', { cause: coded(code) });
      const error = noAnswerError('POST vpc instances', 'https://eu-de.test', cause);
      assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
      assert.deepEqual(error.labels, labels);
      assert.equal(error.message, `POST vpc instances: no answer from https://eu-de.test: ${code}`);
      if (hint === undefined) assert.equal(error.hint, undefined);
      else assert.match(error.hint ?? '', hint);
    });

  it('may have had an effect where nobody knows why', () => {
    const error = noAnswerError('POST vpc instances', 'https://eu-de.test', new Error('odd'));
    assert.deepEqual(error.labels, ['retryable', 'ambiguous', 'unreachable']);
    assert.match(error.message, /: odd$/);
  });
});
