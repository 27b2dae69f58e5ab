import assert from 'node:assert/strict';

import { SlowDownError } from '../../../../shared/cloud/calls.ts';
import { failedMachineError, refusalError } from '../../../../shared/drivers/example/errors.ts';

const refusal = (status: number, code = '', message = '') =>
  refusalError({ call: 'POST machines', status, retryAfter: null, code, message }, 0);

describe('errors of the example cloud', () => {
  const cases = [
    [403, 'quota-exceeded', 'no', 'NP_CLOUD_QUOTA', ['quota']],
    [400, '', 'Quota of cores reached', 'NP_CLOUD_QUOTA', ['quota']],
    [503, 'no-capacity', 'no', 'NP_CLOUD_CAPACITY', ['capacity']],
    [401, 'unauthorized', 'no', 'NP_CLOUD_FATAL', []],
    [403, 'forbidden', 'no', 'NP_CLOUD_FATAL', []],
    [404, 'no-such-thing', 'no', 'NP_CLOUD_NOT_FOUND', ['notFound']],
    [400, 'no-such-image', 'no', 'NP_CLOUD_FATAL', []],
    [500, 'broken', 'no', 'NP_CLOUD_TRANSIENT', ['retryable']],
    [502, '', '', 'NP_CLOUD_TRANSIENT', ['retryable']],
    [302, '', '', 'NP_CLOUD_TRANSIENT', ['retryable']],
  ] as const;
  for (const [status, word, message, code, labels] of cases)
    it(`are ${code} for ${status} ${word} ${message}`, () => {
      const error = refusal(status, word, message);
      assert.equal(error.code, code);
      assert.deepEqual(error.labels, labels);
      assert.ok(error.message.startsWith('POST machines: '));
    });

  it('ask for patience with 429, for as long as the cloud says', () => {
    const call = { call: 'GET machines', status: 429, code: 'slow-down', message: '' };
    const error = refusalError({ ...call, retryAfter: '7' }, 0);
    assert.ok(error instanceof SlowDownError);
    assert.equal(error.forMs, 7000);
  });

  it('hint at the token where the cloud does not know us', () => {
    assert.match(refusal(401).hint ?? '', /EXAMPLE_CLOUD_TOKEN/);
  });

  it('tell a cloud without room from a machine that broke', () => {
    assert.equal(failedMachineError('m', 'no-capacity').code, 'NP_CLOUD_CAPACITY');
    assert.equal(failedMachineError('m', 'boot-failed').code, 'NP_CLOUD_TRANSIENT');
  });
});
