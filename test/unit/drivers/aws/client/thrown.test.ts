import assert from 'node:assert/strict';

import { CloudError } from '../../../../../shared/base/errors.ts';
import { thrownError, type ThrownFacts } from '../../../../../shared/drivers/aws/client/thrown.ts';
import { networkError } from './scripted-aws.ts';

const sorted = (thrown: unknown, over: Partial<ThrownFacts> = {}): CloudError => {
  const error = thrownError(thrown, {
    ...{ call: 'RunInstances', isReading: false, section: 'provider one', profile: undefined },
    ...{ region: 'us-west-2', haveCredentialsWorked: false, nowMs: 0 },
    ...over,
  });
  assert.ok(error instanceof CloudError);
  return error;
};

const named = (name: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

describe('what the SDK throws', () => {
  it('is a refusal where AWS has answered', () => {
    const $metadata = { httpStatusCode: 400, requestId: 'req-1' };
    const error = sorted(named('InvalidKeyPair.NotFound', 'no such key', { $metadata }));
    assert.equal(
      error.message,
      'RunInstances: InvalidKeyPair.NotFound, status 400 (req-1): no such key',
    );
    assert.equal(error.cause, undefined);
  });

  it('tells nothing of a page that is not from AWS', () => {
    const $response = { statusCode: 502, headers: {} };
    for (const name of ['Error', 'SyntaxError', 'Unknown']) {
      const error = sorted(named(name, '<html>Authorization: secret', { $response }));
      assert.equal(error.message, 'RunInstances: status 502: the answer is not understood');
      assert.deepEqual(error.labels, ['retryable', 'ambiguous', 'unreachable']);
    }
  });

  it('obeys Retry-After', () => {
    const $response = { statusCode: 503, headers: { 'retry-after': '3' } };
    const error = sorted(named('SlowDown', 'reduce your rate', { $response }));
    assert.equal((error as { forMs?: number }).forMs, 3000);
  });

  it('passes on what is sorted already', () => {
    const error = new CloudError('NP_CLOUD_QUOTA', 'full');
    assert.equal(sorted(error), error);
  });
});

describe('credentials that cannot be had', () => {
  const missing = named(
    'CredentialsProviderError',
    'Could not resolve credentials using profile: [nope] in configuration/credentials file(s).',
  );

  it('name section and profile', () => {
    const { code, message, hint = '' } = sorted(missing, { profile: 'nope', call: 'credentials' });
    assert.equal(code, 'NP_CLOUD_FATAL');
    assert.match(message, /provider one with profile nope: Could not resolve/);
    assert.match(hint, /profile-name of provider one/);
  });

  it('say where to put some', () => {
    const { hint = '' } = sorted(named('CredentialsProviderError', 'Could not load credentials'));
    assert.match(hint, /AWS_ACCESS_KEY_ID.*profile-name of provider one/);
  });

  it('are only away where AWS has taken some before', () => {
    const { code, labels } = sorted(missing, { haveCredentialsWorked: true });
    assert.equal(code, 'NP_CLOUD_TRANSIENT');
    assert.deepEqual(labels, ['retryable', 'unreachable']);
  });

  it('do not show the command that gives them', () => {
    const failed = named(
      'CredentialsProviderError',
      'Command failed: get-key --password hunter2\nhunter2 is wrong',
    );
    assert.doesNotMatch(sorted(failed).message, /hunter2/);
  });
});

describe('no answer of AWS', () => {
  const cases: readonly [string, readonly string[], RegExp | undefined][] = [
    ['ECONNREFUSED', ['retryable', 'unreachable'], undefined],
    ['ECONNRESET', ['retryable', 'ambiguous', 'unreachable'], undefined],
    ['EPIPE', ['retryable', 'ambiguous', 'unreachable'], undefined],
    ['ENOTFOUND', ['retryable', 'unreachable'], /region-name us-west-2 of provider one/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', ['retryable'], /AWS_CA_BUNDLE/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', ['retryable'], /another name/],
    ['CERT_HAS_EXPIRED', ['retryable'], /clock/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', ['retryable'], /http:/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', ['retryable'], /certificate of us/],
  ];
  for (const [code, labels, hint] of cases)
    it(code, () => {
      const error = sorted(networkError(code, `words of ${code}`));
      assert.equal(error.code, 'NP_CLOUD_TRANSIENT');
      assert.deepEqual(error.labels, labels);
      assert.match(error.message, new RegExp(`RunInstances: no answer from AWS: words of ${code}`));
      if (hint === undefined) assert.equal(error.hint, undefined);
      else assert.match(error.hint ?? '', hint);
    });

  it('changes nothing where nothing can be changed', () => {
    const { labels } = sorted(networkError('ECONNRESET'), { isReading: true });
    assert.deepEqual(labels, ['retryable', 'unreachable']);
  });

  it('comes of the SDK where the address is none', () => {
    const { code, hint = '' } = sorted(new Error('Region not accepted: region="no where"'));
    assert.equal(code, 'NP_CLOUD_FATAL');
    assert.match(hint, /region-name of provider one/);
  });

  it('does not repeat words of which nobody knows what they quote', () => {
    const { message, labels } = sorted(new Error('secret'));
    assert.equal(message, 'RunInstances: no answer from AWS (Error)');
    assert.deepEqual(labels, ['retryable', 'ambiguous']);
  });
});
