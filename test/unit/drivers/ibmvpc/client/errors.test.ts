import assert from 'node:assert/strict';

import type { ErrorCode } from '../../../../../shared/base/error-codes.ts';
import { CloudError, isCloudError } from '../../../../../shared/base/errors.ts';
import { SlowDownError } from '../../../../../shared/cloud/calls.ts';
import { unlessThereIsNone } from '../../../../../shared/cloud/unless-none.ts';
import {
  failureError,
  refusalError,
  refusalOf,
  unlessTaken,
  type Refusal,
} from '../../../../../shared/drivers/ibmvpc/client/errors.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

/** VPC's form of an error. */
const vpc = (code: string, message = 'said'): string =>
  JSON.stringify({ errors: [{ code, message }], trace: 'trace' });

/** The resource controller's. */
const controller = (code: string, message: string): string =>
  JSON.stringify({ message, status_code: 403, error_code: code, transaction_id: 'x' });

const refusal = (fields: Partial<Refusal>): Refusal => ({
  call: 'POST vpc instances',
  isReading: false,
  status: 400,
  retryAfter: null,
  requestId: undefined,
  text: '',
  ...fields,
});

const ROWS: readonly (readonly [Partial<Refusal>, ErrorCode, readonly string[]])[] = [
  [{ status: 401, text: vpc('not_authenticated') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 429, text: vpc('rate_limit') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 503, retryAfter: '3' }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  // Quota, whatever status it comes with.
  [{ status: 400, text: vpc('over_quota', 'vCPU') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 403, text: vpc('over_quota') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 409, text: vpc('floating_ip_quota_exceeded') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 403, text: vpc('floating_ip_over_quota') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ text: vpc('x', 'Exceeding the instance quota') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ text: vpc('x', 'Quota of cores has been reached') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ text: controller('RC-1', 'quota exceeded for it') }, 'NP_CLOUD_QUOTA', ['quota']],
  // No room.
  [{ text: vpc('cannot_start_capacity') }, 'NP_CLOUD_CAPACITY', ['capacity']],
  [{ status: 503, text: vpc('insufficient_capacity') }, 'NP_CLOUD_CAPACITY', ['capacity']],
  [{ status: 400, text: vpc('insufficient_ip_addresses') }, 'NP_CLOUD_CAPACITY', ['capacity']],
  [{ status: 403, text: vpc('insufficient_permissions') }, 'NP_CLOUD_FATAL', []],
  [{ status: 403, text: vpc('insufficient_scope') }, 'NP_CLOUD_FATAL', []],
  [{ status: 400, text: vpc('invalid_volume_capacity') }, 'NP_CLOUD_FATAL', []],
  // It is not there.
  [{ status: 404, text: vpc('not_found') }, 'NP_CLOUD_NOT_FOUND', ['notFound']],
  [{ status: 404, text: vpc('over_quota') }, 'NP_CLOUD_NOT_FOUND', ['notFound']],
  // It may be otherwise soon.
  [{ status: 409, text: vpc('conflict_field') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ text: vpc('validation_unique_failed') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 408 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 412 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 423 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 425 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ text: vpc('floating_ip_in_use') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ text: vpc('instance_pending') }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  // The configuration asks for it.
  [{ status: 400, text: vpc('invalid_value') }, 'NP_CLOUD_FATAL', []],
  [{ status: 403, text: vpc('not_authorized') }, 'NP_CLOUD_FATAL', []],
  [{ status: 302 }, 'NP_CLOUD_FATAL', []],
  // IBM failed.
  [{ status: 500 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous']],
  [{ status: 500, isReading: true }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 502 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
  [{ status: 503 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
  [
    { status: 504, isReading: true, text: '<html>gateway</html>' },
    'NP_CLOUD_TRANSIENT',
    ['retryable', 'unreachable'],
  ],
];

describe('errors of IBM', () => {
  for (const [fields, code, labels] of ROWS) {
    const { status = 400, isReading = false, text = '' } = fields;
    const what = `${isReading ? 'GET' : 'POST'} ${status} ${text}`;
    it(`are ${code} (${labels.join(' ') || 'no label'}) for ${what}`, () => {
      const error = refusalError(refusal(fields), NOW_MS);
      assert.equal(error.code, code);
      assert.deepEqual([...error.labels], labels);
      assert.ok(isCloudError(error));
    });
  }

  it('say call, status, request and the words of IBM', () => {
    const { message } = refusalError(
      refusal({ requestId: 'abc', text: vpc('invalid_value', 'no such zone') }),
      NOW_MS,
    );
    assert.equal(message, 'POST vpc instances: status 400 (abc): invalid_value: no such zone');
  });

  it('say what can be done about missing rights and refused tokens', () => {
    assert.match(refusalError(refusal({ status: 403 }), NOW_MS).hint ?? '', /roles/);
    assert.match(refusalError(refusal({ status: 401 }), NOW_MS).hint ?? '', /API key/);
  });

  it('ask for as much patience as IBM does', () => {
    const said = refusalError(refusal({ status: 429, retryAfter: '7' }), NOW_MS);
    assert.ok(said instanceof SlowDownError);
    assert.deepEqual([said.forMs, said.isFixed], [7000, true]);
    const unsaid = refusalError(refusal({ status: 429 }), NOW_MS);
    assert.ok(unsaid instanceof SlowDownError && !unsaid.isFixed);
  });

  it('are made of what an answer holds', () => {
    const headers = new Headers({ 'retry-after': '5', 'x-correlation-id': 'c' });
    assert.deepEqual(
      refusalOf({ method: 'GET', subject: 'vpc keys' }, { status: 429, headers, text: 't' }),
      {
        ...{ call: 'GET vpc keys', isReading: true, status: 429, text: 't' },
        ...{ retryAfter: '5', requestId: 'c' },
      },
    );
  });

  it('of things that failed are sorted by the reasons that IBM gives', () => {
    const of = (code: string): CloudError => failureError('machine m', [{ code, message: 'why' }]);
    assert.equal(of('cannot_start_capacity').code, 'NP_CLOUD_CAPACITY');
    assert.equal(of('cannot_start_reservation_capacity').code, 'NP_CLOUD_CAPACITY');
    assert.equal(of('over_quota').code, 'NP_CLOUD_QUOTA');
    const other = of('cannot_start_network');
    assert.equal(other.code, 'NP_CLOUD_TRANSIENT');
    assert.equal(other.message, 'machine m: cannot_start_network: why');
    assert.equal(failureError('machine m', []).message, 'machine m: IBM gives no reason');
  });

  it('of names that are taken, and of what is not there, are answers', async () => {
    const taken = refusalError(refusal({ text: vpc('validation_unique_failed') }), NOW_MS);
    const conflict = refusalError(refusal({ status: 409 }), NOW_MS);
    const none = refusalError(refusal({ status: 404 }), NOW_MS);
    const failing = (error: Error): Promise<unknown> => Promise.reject(error);
    assert.equal(await unlessTaken(failing(taken)), undefined);
    assert.equal(await unlessTaken(failing(conflict)), undefined);
    assert.equal(await unlessThereIsNone(failing(none)), undefined);
    await assert.rejects(unlessTaken(failing(none)), none);
    await assert.rejects(unlessThereIsNone(failing(taken)), taken);
    assert.equal(await unlessTaken(Promise.resolve(1)), 1);
  });
});
