import assert from 'node:assert/strict';

import type { ErrorCode } from '../../../../../shared/base/error-codes.ts';
import { CloudError, InvariantError, isCloudError } from '../../../../../shared/base/errors.ts';
import { SlowDownError } from '../../../../../shared/cloud/calls.ts';
import {
  clientError,
  failureError,
  isNotReady,
  isTaken,
  refusalError,
  type Refusal,
} from '../../../../../shared/drivers/gce/client/errors.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

/** The Compute Engine's form of an error. */
const said = (reason: string, message = 'words', more: object = {}): string =>
  JSON.stringify({ error: { code: 400, message, errors: [{ message, reason }], ...more } });

/** The form of newer APIs. */
const detailed = (reason: string): string =>
  JSON.stringify({ error: { code: 403, message: 'words', details: [{ reason }] } });

const refusal = (fields: Partial<Refusal> & { readonly retryAfter?: string }): Refusal => ({
  call: 'POST compute zones/z/instances',
  method: 'POST',
  status: 400,
  headers: new Headers(fields.retryAfter === undefined ? {} : { 'retry-after': fields.retryAfter }),
  text: '',
  ...fields,
});

type Row = readonly [Partial<Refusal>, ErrorCode, readonly string[]];

const QUOTA = "Quota 'N2_CPUS' exceeded.  Limit: 24.0 in region europe-west4.";
const capacity: readonly string[] = ['capacity'];
const quota: readonly string[] = ['quota'];
const passing: readonly string[] = ['retryable'];

const ROWS: readonly Row[] = [
  [{ status: 401, text: said('authError') }, 'NP_CLOUD_TRANSIENT', passing],
  // No room.
  [{ status: 503, text: said('ZONE_RESOURCE_POOL_EXHAUSTED') }, 'NP_CLOUD_CAPACITY', capacity],
  [
    { status: 503, text: said('ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS') },
    'NP_CLOUD_CAPACITY',
    capacity,
  ],
  [{ status: 400, text: said('zoneResourcePoolExhausted') }, 'NP_CLOUD_CAPACITY', capacity],
  [{ status: 400, text: said('STOCKOUT') }, 'NP_CLOUD_CAPACITY', capacity],
  [{ status: 400, text: detailed('resource_availability') }, 'NP_CLOUD_CAPACITY', capacity],
  [{ status: 400, text: said('insufficientCapacity') }, 'NP_CLOUD_CAPACITY', capacity],
  // Quota, by its reason or its words.
  [{ status: 403, text: said('quotaExceeded', QUOTA) }, 'NP_CLOUD_QUOTA', quota],
  [{ status: 403, text: detailed('QUOTA_EXCEEDED') }, 'NP_CLOUD_QUOTA', quota],
  [{ status: 403, text: said('limitExceeded') }, 'NP_CLOUD_QUOTA', quota],
  [{ status: 400, text: said('IP_SPACE_EXHAUSTED_WITH_DETAILS') }, 'NP_CLOUD_QUOTA', quota],
  [{ status: 403, text: said('forbidden', QUOTA) }, 'NP_CLOUD_QUOTA', quota],
  [
    { status: 400, text: said('x', 'The quota of it was exceeded. limit: 3') },
    'NP_CLOUD_QUOTA',
    quota,
  ],
  // There is none, whatever it is called.
  [{ status: 404, text: said('notFound') }, 'NP_CLOUD_NOT_FOUND', ['notFound']],
  [{ status: 404, text: said('quotaExceeded', QUOTA) }, 'NP_CLOUD_NOT_FOUND', ['notFound']],
  // For now.
  [{ status: 409, text: said('alreadyExists') }, 'NP_CLOUD_TRANSIENT', passing],
  [{ status: 400, text: said('resourceNotReady') }, 'NP_CLOUD_TRANSIENT', passing],
  [{ status: 400, text: said('resourceInUseByAnotherResource') }, 'NP_CLOUD_TRANSIENT', passing],
  [{ status: 403, text: said('dailyLimitExceeded') }, 'NP_CLOUD_TRANSIENT', passing],
  [{ status: 400, text: said('operationCanceledByUser') }, 'NP_CLOUD_TRANSIENT', passing],
  ...[408, 409, 412, 423, 425].map((status): Row => [
    { status, text: said('conditionNotMet') },
    'NP_CLOUD_TRANSIENT',
    passing,
  ]),
  // What the configuration asks for.
  [{ status: 400, text: said('invalid') }, 'NP_CLOUD_FATAL', []],
  [{ status: 403, text: said('forbidden') }, 'NP_CLOUD_FATAL', []],
  [{ status: 403, text: said('accessNotConfigured') }, 'NP_CLOUD_FATAL', []],
  [{ status: 302, text: '' }, 'NP_CLOUD_FATAL', []],
  // Google's own trouble.
  [{ status: 500, text: said('backendError') }, 'NP_CLOUD_TRANSIENT', passing],
  [{ status: 500, text: said('x') }, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous']],
  [{ status: 500, text: said('x'), method: 'GET' }, 'NP_CLOUD_TRANSIENT', passing],
  ...[502, 503, 504].map((status): Row => [
    { status, text: '<html><style>p {}</style><p>Bad Gateway</p></html>' },
    'NP_CLOUD_TRANSIENT',
    ['retryable', 'ambiguous', 'unreachable'],
  ]),
];

describe('the refusals of gce', () => {
  for (const [fields, code, labels] of ROWS)
    it(`${fields.method ?? 'POST'} ${fields.status} ${fields.text} is ${code} ${labels.join()}`, () => {
      const error = refusalError(refusal(fields), NOW_MS);
      assert.ok(isCloudError(error));
      assert.equal(error.code, code);
      assert.deepEqual(error.labels, labels);
      assert.ok(
        error.message.startsWith(`POST compute zones/z/instances: status ${fields.status}`),
      );
    });

  for (const [fields, forMs] of [
    [{ status: 429 }, undefined],
    [{ status: 429, retryAfter: '7' }, 7000],
    [{ status: 503, retryAfter: 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5000],
    [{ status: 403, text: said('rateLimitExceeded', "Quota exceeded for metric 'x'") }, undefined],
    [{ status: 403, text: said('userRateLimitExceeded') }, undefined],
    [{ status: 403, text: said('concurrentLimitExceeded') }, undefined],
    [{ status: 403, text: detailed('RATE_LIMIT_EXCEEDED') }, undefined],
    [{ status: 400, text: said('resourceOperationRateExceeded') }, undefined],
  ] as const)
    it(`${JSON.stringify(fields)} asks for patience`, () => {
      const error = refusalError(refusal(fields), NOW_MS);
      assert.ok(error instanceof SlowDownError && isCloudError(error));
      assert.equal(error.isFixed, forMs !== undefined);
      if (forMs !== undefined) assert.equal(error.forMs, forMs);
    });

  it('say which right is missing, and which service is off', () => {
    const hint = (reason: string): string =>
      refusalError(refusal({ status: 403, text: said(reason) }), NOW_MS).hint ?? '';
    assert.match(hint('forbidden'), /role/);
    assert.match(hint('SERVICE_DISABLED'), /enable the Compute Engine API/);
    assert.match(refusalError(refusal({ status: 401 }), NOW_MS).hint ?? '', /fresh token/);
  });

  it('are known by their kind to those who want to know', () => {
    const of = (reason: string): CloudError =>
      refusalError(refusal({ status: 409, text: said(reason) }), NOW_MS);
    assert.deepEqual(
      [isTaken(of('alreadyExists')), isNotReady(of('alreadyExists'))],
      [true, false],
    );
    assert.deepEqual(
      [isTaken(of('resourceNotReady')), isNotReady(of('resourceNotReady'))],
      [false, true],
    );
    assert.equal(isTaken(of('conditionNotMet')), false);
  });
});

describe('operations of gce that failed', () => {
  for (const [code, status, wanted] of [
    ['QUOTA_EXCEEDED', 403, 'NP_CLOUD_QUOTA'],
    ['ZONE_RESOURCE_POOL_EXHAUSTED', 503, 'NP_CLOUD_CAPACITY'],
    ['ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS', 503, 'NP_CLOUD_CAPACITY'],
    ['IP_SPACE_EXHAUSTED', 400, 'NP_CLOUD_QUOTA'],
    ['RESOURCE_NOT_FOUND', 404, 'NP_CLOUD_FATAL'],
    ['PERMISSIONS_ERROR', 403, 'NP_CLOUD_FATAL'],
    ['INVALID_USAGE', 400, 'NP_CLOUD_FATAL'],
    ['RESOURCE_NOT_READY', 400, 'NP_CLOUD_TRANSIENT'],
    ['RESOURCE_OPERATION_RATE_EXCEEDED', 403, 'NP_CLOUD_TRANSIENT'],
    ['INTERNAL_ERROR', 500, 'NP_CLOUD_TRANSIENT'],
    ['SOMETHING_NEW', undefined, 'NP_CLOUD_TRANSIENT'],
  ] as const)
    it(`with ${code} mean ${wanted}`, () => {
      const error = failureError('instance np1 was not made', [{ code, message: 'why' }], status);
      assert.equal(error.code, wanted);
      assert.equal(error.message, `instance np1 was not made: ${code}: why`);
    });

  it('without a reason say so', () => {
    assert.match(failureError('it', [], 500).message, /no reason/);
  });
});

describe('what the library of gce throws by itself', () => {
  it('is an answer that is not understood, unless it is ours', () => {
    const ours = new CloudError('NP_CLOUD_QUOTA', 'x');
    const defect = new InvariantError('y');
    assert.equal(clientError(ours), ours);
    assert.equal(clientError(defect), defect);
    assert.equal(clientError('text'), 'text');
    const error = clientError(new SyntaxError('Unexpected token'));
    assert.ok(isCloudError(error) && error.code === 'NP_CLOUD_TRANSIENT');
    assert.match(error.message, /not understood: Unexpected token/);
  });
});
