import assert from 'node:assert/strict';

import { SlowDownError } from '../../../../../shared/cloud/calls.ts';
import { faultError, refusalError } from '../../../../../shared/drivers/openstack/client/errors.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

interface Case {
  readonly status: number;
  readonly method?: string;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const refusal = ({ status, method = 'POST', body, text = '', headers = {} }: Case) =>
  refusalError(
    { method, subject: 'compute servers', status, headers: new Headers(headers), body, text },
    NOW_MS,
  );

const nova = (kind: string, message: string) => ({ [kind]: { message, code: 0 } });
const neutron = (type: string, message: string) => ({
  NeutronError: { type, message, detail: '' },
});

describe('errors of OpenStack', () => {
  const cases: readonly [number, unknown, string, readonly string[]][] = [
    [
      403,
      nova(
        'forbidden',
        'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances',
      ),
      'NP_CLOUD_QUOTA',
      ['quota'],
    ],
    [403, nova('forbidden', 'Maximum number of ports exceeded'), 'NP_CLOUD_QUOTA', ['quota']],
    [
      403,
      nova('forbidden', 'Maximum number of floating IPs exceeded'),
      'NP_CLOUD_QUOTA',
      ['quota'],
    ],
    [403, nova('forbidden', 'Maximum number of metadata items exceeds 128'), 'NP_CLOUD_FATAL', []],
    [
      403,
      nova('forbidden', "Policy doesn't allow os_compute_api:os-quota-sets:show to be performed."),
      'NP_CLOUD_FATAL',
      [],
    ],
    [
      409,
      neutron('OverQuota', "Quota exceeded for resources: ['port']."),
      'NP_CLOUD_QUOTA',
      ['quota'],
    ],
    [409, neutron('OverQuota', 'enough'), 'NP_CLOUD_QUOTA', ['quota']],
    [
      409,
      neutron('IpAddressGenerationFailure', 'No more IP addresses available on network N.'),
      'NP_CLOUD_CAPACITY',
      ['capacity'],
    ],
    [
      400,
      neutron('ExternalIpAddressExhausted', 'Unable to find any IP address on external network N.'),
      'NP_CLOUD_CAPACITY',
      ['capacity'],
    ],
    [
      409,
      neutron('IpAddressInUse', 'Unable to complete operation'),
      'NP_CLOUD_TRANSIENT',
      ['retryable'],
    ],
    [
      413,
      nova(
        'overLimit',
        'VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota volumes.',
      ),
      'NP_CLOUD_QUOTA',
      ['quota'],
    ],
    [
      413,
      nova(
        'overLimit',
        'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota.',
      ),
      'NP_CLOUD_QUOTA',
      ['quota'],
    ],
    [
      500,
      nova('computeFault', 'No valid host was found. There are not enough hosts available.'),
      'NP_CLOUD_CAPACITY',
      ['capacity'],
    ],
    [
      409,
      nova('conflictingRequest', 'Not enough hosts available'),
      'NP_CLOUD_CAPACITY',
      ['capacity'],
    ],
    [
      404,
      nova('itemNotFound', 'Instance x could not be found.'),
      'NP_CLOUD_NOT_FOUND',
      ['notFound'],
    ],
    [400, nova('badRequest', 'Can not find requested image'), 'NP_CLOUD_FATAL', []],
    [403, undefined, 'NP_CLOUD_FATAL', []],
    [406, undefined, 'NP_CLOUD_FATAL', []],
    [413, undefined, 'NP_CLOUD_FATAL', []],
    [302, undefined, 'NP_CLOUD_FATAL', []],
    [401, undefined, 'NP_CLOUD_TRANSIENT', ['retryable']],
    [408, undefined, 'NP_CLOUD_TRANSIENT', ['retryable']],
    [
      409,
      nova('conflictingRequest', "Cannot 'delete' instance x while it is in task_state y"),
      'NP_CLOUD_TRANSIENT',
      ['retryable'],
    ],
    [500, undefined, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous']],
    [502, undefined, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
    [503, undefined, 'NP_CLOUD_TRANSIENT', ['retryable', 'ambiguous', 'unreachable']],
  ];
  for (const [status, body, code, labels] of cases)
    it(`are ${code} for ${status} ${body === undefined ? '' : JSON.stringify(body)}`, () => {
      const error = refusal({ status, body });
      assert.equal(error.code, code);
      assert.deepEqual(error.labels, labels);
      assert.ok(!(error instanceof SlowDownError));
    });

  it('leave no doubt about what a call that only reads has done', () => {
    assert.deepEqual(refusal({ status: 500, method: 'GET' }).labels, ['retryable']);
    assert.deepEqual(refusal({ status: 500, method: 'DELETE' }).labels, ['retryable', 'ambiguous']);
  });

  it('ask for patience where the service does', () => {
    const patience = (status: number, headers: Record<string, string>) => {
      const error = refusal({
        status,
        headers,
        body: nova('overLimit', 'This request was rate-limited.'),
      });
      return error instanceof SlowDownError ? error.forMs : undefined;
    };
    assert.equal(patience(429, {}), 1000);
    assert.equal(patience(429, { 'retry-after': '7' }), 7000);
    assert.equal(patience(413, { 'retry-after': '7' }), 7000);
    assert.equal(patience(503, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }), 9000);
    assert.equal(patience(500, { 'retry-after': '7' }), undefined);
  });

  it('take a full quota for what it is though cinder asks for patience, too', () => {
    const body = nova('overLimit', 'VolumeLimitExceeded: Maximum number of volumes allowed (10)');
    assert.equal(
      refusal({ status: 413, headers: { 'retry-after': '0' }, body }).code,
      'NP_CLOUD_QUOTA',
    );
  });

  it('name call, status, request and the words of the cloud', () => {
    const headers = { 'x-compute-request-id': 'req-1' };
    const { message } = refusal({ status: 400, headers, body: nova('badRequest', 'no such key') });
    assert.equal(message, 'POST compute servers: status 400 (req-1): no such key');
    assert.equal(refusal({ status: 500 }).message, 'POST compute servers: status 500');
  });

  it('say what to do where the user may not', () => {
    assert.match(refusal({ status: 403 }).hint ?? '', /role/);
  });
});

describe('the fault of a server in state ERROR', () => {
  const cases: readonly [string, string][] = [
    [
      'Build of instance x aborted: VolumeSizeExceedsAvailableQuota: Requested volume',
      'NP_CLOUD_QUOTA',
    ],
    ['Quota exceeded for cores', 'NP_CLOUD_QUOTA'],
    ['Maximum number of ports exceeded', 'NP_CLOUD_QUOTA'],
    ['PortLimitExceeded', 'NP_CLOUD_QUOTA'],
    ['Volume exceeds allowed gigabytes quota', 'NP_CLOUD_QUOTA'],
    ['No valid host was found. ', 'NP_CLOUD_CAPACITY'],
    [
      'Exceeded maximum number of retries. Exhausted all hosts available for retrying',
      'NP_CLOUD_CAPACITY',
    ],
    ['Exceeded max scheduling attempts 3 for instance x', 'NP_CLOUD_CAPACITY'],
    ['Failed to allocate the network(s), not rescheduling.', 'NP_CLOUD_TRANSIENT'],
    ['', 'NP_CLOUD_TRANSIENT'],
  ];
  for (const [message, code] of cases)
    it(`is ${code}: ${message || 'none'}`, () => {
      const error = faultError('S1', { message });
      assert.equal(error.code, code);
      assert.ok(error.message.startsWith('server S1 is in state ERROR: '));
      assert.ok(error.message.includes(message.trim()));
    });

  it('is looked for in the details, too, but these are not shown', () => {
    const details = 'Traceback: nova.exception.NoValidHost: nothing';
    const error = faultError('S1', { message: 'broken', details });
    assert.equal(error.code, 'NP_CLOUD_CAPACITY');
    assert.ok(!error.message.includes('Traceback'));
  });

  it('may be missing', () => {
    assert.match(faultError('S1', undefined).message, /no reason/);
    assert.match(faultError('S1', null).message, /no reason/);
  });
});
