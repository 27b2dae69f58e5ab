import assert from 'node:assert/strict';

import type { ErrorCode } from '../../../../../shared/base/error-codes.ts';
import { CloudError, isCloudError } from '../../../../../shared/base/errors.ts';
import { SlowDownError } from '../../../../../shared/cloud/calls.ts';
import {
  clientError,
  failureError,
  isTaken,
  refusalError,
  type Refusal,
} from '../../../../../shared/drivers/azure/client/errors.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

/** ARM's form of an error. */
const arm = (code: string, message: string, more: object = {}): string =>
  JSON.stringify({ error: { code, message, ...more } });

const refusal = (fields: Partial<Refusal>): Refusal => ({
  call: 'PUT compute virtualMachines/np0000000001',
  isReading: false,
  status: 400,
  retryAfter: null,
  requestId: undefined,
  text: '',
  ...fields,
});

const CORES =
  'Operation could not be completed as it results in exceeding approved Total Regional Cores quota.';

const ROWS: readonly (readonly [Partial<Refusal>, ErrorCode, readonly string[]])[] = [
  [
    { status: 401, text: arm('ExpiredAuthenticationToken', 'old') },
    'NP_CLOUD_TRANSIENT',
    ['retryable'],
  ],
  [{ status: 403, text: arm('AuthorizationFailed', 'no role') }, 'NP_CLOUD_FATAL', []],
  // Quota, whatever status it comes with.
  [{ status: 409, text: arm('QuotaExceeded', 'full') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 409, text: arm('OperationNotAllowed', CORES) }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 403, text: arm('ResourceQuotaExceeded', '800') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 400, text: arm('PublicIPCountLimitReached', '10') }, 'NP_CLOUD_QUOTA', ['quota']],
  [{ status: 400, text: arm('SubnetIsFull', 'no address') }, 'NP_CLOUD_QUOTA', ['quota']],
  [
    {
      status: 400,
      text: arm('InvalidTemplateDeployment', 'x', {
        details: [{ code: 'QuotaExceeded', message: 'y' }],
      }),
    },
    'NP_CLOUD_QUOTA',
    ['quota'],
  ],
  // No room.
  [{ status: 409, text: arm('SkuNotAvailable', 'not here') }, 'NP_CLOUD_CAPACITY', ['capacity']],
  [{ status: 409, text: arm('AllocationFailed', 'full') }, 'NP_CLOUD_CAPACITY', ['capacity']],
  [{ status: 409, text: arm('ZonalAllocationFailed', 'full') }, 'NP_CLOUD_CAPACITY', ['capacity']],
  [
    { status: 409, text: arm('OverconstrainedAllocationRequest', 'x') },
    'NP_CLOUD_CAPACITY',
    ['capacity'],
  ],
  [
    { status: 409, text: arm('OverconstrainedZonalAllocationRequest', 'x') },
    'NP_CLOUD_CAPACITY',
    ['capacity'],
  ],
  // It is not there.
  [{ status: 404, text: arm('ResourceNotFound', 'none') }, 'NP_CLOUD_NOT_FOUND', ['notFound']],
  [
    { status: 404, text: arm('NotFound', 'exceeds the quota of names') },
    'NP_CLOUD_NOT_FOUND',
    ['notFound'],
  ],
  // It may be otherwise soon.
  [{ status: 408 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [
    { status: 409, text: arm('OperationNotAllowed', 'it is being deleted') },
    'NP_CLOUD_TRANSIENT',
    ['retryable'],
  ],
  [
    { status: 412, text: arm('PreconditionFailed', 'it exists') },
    'NP_CLOUD_TRANSIENT',
    ['retryable'],
  ],
  [{ status: 423 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 425 }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [
    { status: 400, text: arm('NicInUse', 'used by a machine') },
    'NP_CLOUD_TRANSIENT',
    ['retryable'],
  ],
  [
    { status: 400, text: arm('PublicIPAddressCannotBeDeleted', 'used') },
    'NP_CLOUD_TRANSIENT',
    ['retryable'],
  ],
  // The configuration.
  [{ status: 400, text: arm('InvalidParameter', 'vmSize') }, 'NP_CLOUD_FATAL', []],
  [{ status: 302 }, 'NP_CLOUD_FATAL', []],
  // Azure.
  [{ status: 500 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous']],
  [{ status: 500, isReading: true }, 'NP_CLOUD_TRANSIENT', ['retryable']],
  [{ status: 502, isReading: true }, 'NP_CLOUD_TRANSIENT', ['retryable', 'unreachable']],
  [{ status: 503 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
  [{ status: 504 }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
];

describe("azure: what Azure's refusals mean", () => {
  for (const [fields, code, labels] of ROWS)
    it(`${fields.status ?? ''} ${fields.text ?? ''}${fields.isReading ? ' to a GET' : ''} is ${code}`, () => {
      const error = refusalError(refusal(fields), NOW_MS);
      assert.equal(error.code, code);
      assert.deepEqual(error.labels, labels);
      assert.ok(isCloudError(error), 'sorted, to whoever asks');
    });

  for (const [fields, forMs] of [
    [{ status: 429, retryAfter: '17' }, 17_000],
    [{ status: 429, retryAfter: new Date(NOW_MS + 5000).toUTCString() }, 5000],
    [{ status: 429, text: arm('OperationNotAllowed', `too many requests; ${CORES}`) }, 1000],
    [{ status: 503, retryAfter: '3' }, 3000],
  ] as const)
    it(`${fields.status} asks for ${forMs} ms of patience`, () => {
      const error = refusalError(refusal(fields), NOW_MS);
      assert.ok(error instanceof SlowDownError);
      assert.equal(error.forMs, forMs);
    });

  it('are told with call, status, request id and words', () => {
    const text = arm('InvalidParameter', 'The value\nis wrong.');
    const error = refusalError(refusal({ requestId: 'r-1', text }), NOW_MS);
    assert.equal(
      error.message,
      'PUT compute virtualMachines/np0000000001: status 400 (r-1): InvalidParameter: The value is wrong.',
    );
  });

  it('say that a name is taken with 409 and 412, but not where quota or capacity is the reason', () => {
    const taken = (fields: Partial<Refusal>): boolean =>
      isTaken(refusalError(refusal(fields), NOW_MS));
    assert.ok(taken({ status: 412 }));
    assert.ok(taken({ status: 409, text: arm('PropertyChangeNotAllowed', 'imageReference') }));
    assert.ok(!taken({ status: 409, text: arm('QuotaExceeded', 'full') }));
    assert.ok(!taken({ status: 409, text: arm('AllocationFailed', 'full') }));
    assert.ok(!taken({ status: 400, text: arm('NicInUse', 'used') }));
    assert.ok(!taken({ status: 500 }));
  });
});

describe('azure: why an operation failed', () => {
  for (const [code, message, wanted] of [
    ['AllocationFailed', 'no room', 'NP_CLOUD_CAPACITY'],
    ['Failed/ZonalAllocationFailed', 'no room', 'NP_CLOUD_CAPACITY'],
    ['QuotaExceeded', 'full', 'NP_CLOUD_QUOTA'],
    ['OperationNotAllowed', CORES, 'NP_CLOUD_QUOTA'],
    ['OSProvisioningTimedOut', 'too slow', 'NP_CLOUD_TRANSIENT'],
    ['', '', 'NP_CLOUD_TRANSIENT'],
  ] as const)
    it(`${code || 'without a reason'}: ${wanted}`, () => {
      assert.equal(failureError('machine np1', code, message).code, wanted);
    });

  it("is read from the words of Microsoft's library", () => {
    const error = clientError(
      new Error('The long-running operation has failed. AllocationFailed. There is\nno room.'),
    );
    assert.ok(error instanceof CloudError);
    assert.equal(error.code, 'NP_CLOUD_CAPACITY');
    assert.match(error.message, /AllocationFailed: There is\nno room\./);
    for (const text of ['The long-running operation has failed', 'Operation was canceled'])
      assert.ok(clientError(new Error(text)) instanceof CloudError, text);
  });
});

describe("azure: a client's own errors", () => {
  it('are not kept where they hold the request', () => {
    const held = Object.assign(new Error('Error parsing JSON'), {
      name: 'RestError',
      request: { headers: 'Bearer secret' },
    });
    const error = clientError(held);
    assert.ok(error instanceof CloudError);
    assert.deepEqual(
      [error.code, error.labels, error.cause],
      ['NP_CLOUD_TRANSIENT', ['retryable'], undefined],
    );
  });

  it('are passed on where they are sorted, or a defect', () => {
    const sorted = new SlowDownError('wait', 1);
    const defect = new TypeError('undefined is no function');
    assert.equal(clientError(sorted), sorted);
    assert.equal(clientError(defect), defect);
    assert.equal(clientError('text'), 'text');
  });
});
