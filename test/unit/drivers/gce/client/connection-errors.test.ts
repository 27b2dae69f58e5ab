import assert from 'node:assert/strict';

import { noAnswerError } from '../../../../../shared/drivers/gce/client/connection-errors.ts';

const said = (code: string, message = 'words'): Error =>
  Object.assign(new Error('fetch failed; authorization: Bearer ya29'), {
    cause: Object.assign(new Error(message), { code }),
  });

describe('gce: no answer', () => {
  for (const [code, labels, hint] of [
    ['ECONNREFUSED', ['retryable', 'unreachable'], undefined],
    ['EAI_AGAIN', ['retryable', 'unreachable'], undefined],
    ['ENOTFOUND', ['retryable', 'unreachable'], undefined],
    ['ECONNRESET', ['retryable', 'ambiguous', 'unreachable'], undefined],
    ['SELF_SIGNED_CERT_IN_CHAIN', ['retryable'], /NODE_EXTRA_CA_CERTS/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', ['retryable'], /another name/],
    ['CERT_HAS_EXPIRED', ['retryable'], /clock/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', ['retryable'], /certificate of ours/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', ['retryable'], /no TLS/],
  ] as const)
    it(`with ${code} is ${labels.join()}`, () => {
      const error = noAnswerError('GET compute x', 'https://host', said(code));
      assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
      assert.deepEqual(error.labels, labels);
      assert.equal(error.message, 'GET compute x: no answer from https://host: words');
      if (hint === undefined) assert.equal(error.hint, undefined);
      else assert.match(error.hint ?? '', hint);
    });

  it('does not repeat the words of the client', () => {
    const error = noAnswerError('GET compute x', 'https://host', new Error('Bearer ya29'));
    assert.equal(error.message, 'GET compute x: no answer from https://host');
    assert.deepEqual(error.labels, ['retryable', 'ambiguous']);
    assert.equal(error.cause, undefined);
  });
});
