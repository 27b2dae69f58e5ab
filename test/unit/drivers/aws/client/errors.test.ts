import assert from 'node:assert/strict';

import type { ErrorLabel } from '../../../../../shared/base/errors.ts';
import { SlowDownError } from '../../../../../shared/cloud/calls.ts';
import {
  isGone,
  orUndefined,
  refusalError,
  stoppedError,
  type Refusal,
} from '../../../../../shared/drivers/aws/client/errors.ts';
import { fleetError } from '../../../../../shared/drivers/aws/client/partial-answers.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

const refusal = (over: Partial<Refusal>) =>
  refusalError(
    {
      ...{ call: 'RunInstances', isReading: false, code: 'Unheard', status: 400 },
      ...{ requestId: 'req-1', words: 'no reason', retryAfter: null, section: 'provider one' },
      ...over,
    },
    NOW_MS,
  );

const sorted = (over: Partial<Refusal>) => {
  const { code, labels } = refusal(over);
  return [code, ...labels];
};

const each = (codes: string, over: Partial<Refusal>, expected: readonly string[]): void => {
  for (const code of codes.trim().split(/\s+/))
    it(`${code} ${over.call ?? ''} is ${expected.join(', ')}`, () => {
      assert.deepEqual(sorted({ ...over, code }), expected);
    });
};

describe('errors of AWS', () => {
  describe('that ask for patience', () => {
    const codes = `RequestLimitExceeded Client.RequestLimitExceeded Throttling ThrottlingException
      ThrottledException EC2ThrottledException RequestThrottled RequestThrottledException
      TooManyRequestsException SlowDown BandwidthLimitExceeded ConcurrentLimitExceededException
      SnapshotCreationPerVolumeRateExceeded`;
    for (const code of codes.split(/\s+/))
      it(code, () => {
        for (const status of [400, 503]) {
          const error = refusal({ code, status });
          assert.ok(error instanceof SlowDownError);
          assert.equal(error.isFixed, false);
        }
      });

    it('say for how long in a header only', () => {
      const error = refusal({ code: 'SlowDown', status: 503, retryAfter: '7' });
      assert.ok(error instanceof SlowDownError);
      assert.deepEqual([error.forMs, error.isFixed], [7000, true]);
    });

    it('may have no code', () => {
      assert.ok(refusal({ code: '', status: 429 }) instanceof SlowDownError);
    });
  });

  describe('of credentials', () => {
    const codes = `UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId InvalidToken
      TokenRefreshRequired ExpiredToken ExpiredTokenException RequestExpired SignatureDoesNotMatch
      InvalidSignatureException IncompleteSignature MissingAuthenticationToken
      MissingAuthenticationTokenException OptInRequired`;
    for (const code of codes.split(/\s+/))
      it(code, () => {
        const { code: our, hint = '' } = refusal({ code, status: 403 });
        assert.equal(our, 'NP_CLOUD_FATAL');
        assert.match(hint, /provider one/);
      });

    it('have a code that also says that something is not ours', () => {
      const words = 'AWS was not able to validate the provided access credentials';
      assert.match(refusal({ code: 'AuthFailure', words }).hint ?? '', /profile-name/);
      assert.equal(refusal({ code: 'AuthFailure', words }).code, 'NP_CLOUD_FATAL');
      const foreign = { code: 'AuthFailure', words: 'Not authorized for images: [ami-1]' };
      assert.equal(refusal(foreign).code, 'NP_CLOUD_FATAL');
    });
  });

  describe('of limits', () => {
    each(
      `InstanceLimitExceeded VcpuLimitExceeded VolumeLimitExceeded HostLimitExceeded
      MaxSpotInstanceCountExceeded InsufficientFreeAddressesInSubnet NetworkInterfaceLimitExceeded
      AddressLimitExceeded PrivateIpAddressLimitExceeded SnapshotLimitExceeded
      PendingSnapshotLimitExceeded ConcurrentSnapshotLimitExceeded ResourceCountLimitExceeded
      ResourceLimitExceeded MaxIOPSLimitExceeded ServiceQuotaExceededException
      LimitExceededException`,
      {},
      ['NP_CLOUD_QUOTA', 'quota'],
    );
    each('TagLimitExceeded FilterLimitExceeded', {}, ['NP_CLOUD_FATAL']);
  });

  describe('of no room', () => {
    each(
      `InsufficientInstanceCapacity InsufficientHostCapacity InsufficientReservedInstanceCapacity
      InsufficientVolumeCapacity InsufficientAddressCapacity InsufficientCapacity
      InsufficientCapacityOnHost UnfulfillableCapacity SpotMaxPriceTooLow`,
      { status: 500 },
      ['NP_CLOUD_CAPACITY', 'capacity'],
    );
    each(
      'Unsupported',
      {
        words: 'Your requested instance type is not supported in your requested Availability Zone',
      },
      ['NP_CLOUD_CAPACITY', 'capacity'],
    );
    each('Unsupported', { words: 'The requested configuration is not supported' }, [
      'NP_CLOUD_FATAL',
    ]);
  });

  describe('of what is not there', () => {
    each(
      `InvalidInstanceID.NotFound InvalidInstanceID.Malformed InvalidAMIID.NotFound
      InvalidAMIID.Malformed InvalidAMIID.Unavailable InvalidVolume.NotFound
      InvalidSnapshot.NotFound InvalidHostID.NotFound InvalidLaunchTemplateId.NotFound
      InvalidLaunchTemplateName.NotFoundException InvalidConversionTaskId
      InvalidConversionTaskId.Malformed InvalidImportTaskId.NotFound NoSuchKey NoSuchUpload NotFound
      ResourceNotFoundException NoSuchResourceException`,
      { call: 'DeleteIt', status: 404 },
      ['NP_CLOUD_NOT_FOUND', 'notFound'],
    );
    each('NoSuchBucket', { call: 'PutObject', status: 404 }, ['NP_CLOUD_FATAL']);
    for (const call of ['RunInstances', 'CreateFleet', 'RegisterImage', 'ImportSnapshot'])
      each(
        `InvalidAMIID.NotFound InvalidAMIID.Unavailable InvalidHostID.NotFound
        InvalidSnapshot.NotFound InvalidLaunchTemplateName.NotFoundException`,
        { call },
        ['NP_CLOUD_TRANSIENT', 'retryable'],
      );
    for (const call of ['RunInstances', 'CreateFleet', 'AllocateHosts', 'StartSnapshot'])
      each(
        `InvalidKeyPair.NotFound InvalidSubnetID.NotFound InvalidGroup.NotFound
        InvalidSecurityGroupID.NotFound InvalidAMIID.Malformed`,
        { call },
        ['NP_CLOUD_FATAL'],
      );
  });

  describe('that pass', () => {
    each(
      `IncorrectInstanceState IncorrectState IncorrectModificationState InvalidHostState
      DependencyViolation VolumeInUse InvalidSnapshot.InUse ConcurrentTagAccess ConflictException
      PendingVerification OperationAborted RequestTimeout BadDigest IncompleteBody
      RequestTimeTooSkewed`,
      {},
      ['NP_CLOUD_TRANSIENT', 'retryable'],
    );
    const damaged = { call: 'PutSnapshotBlock', words: 'Failed to read block data' };
    each('ValidationException', damaged, ['NP_CLOUD_TRANSIENT', 'retryable']);
    each('ValidationException', { words: 'Invalid volume size' }, ['NP_CLOUD_FATAL']);
  });

  describe('that the configuration has caused', () => {
    each(
      `InvalidParameterValue InvalidParameterCombination MissingParameter InvalidBlockDeviceMapping
      InvalidInstanceType InvalidUserData.Malformed UnauthorizedOperation AccessDenied
      IdempotentParameterMismatch InvalidAMIName.Duplicate InvalidSubnet.Conflict Unheard`,
      {},
      ['NP_CLOUD_FATAL'],
    );
    it('is a status of any kind', () => {
      for (const status of [301, 400, 401, 403, 404, 405, 499])
        assert.deepEqual(sorted({ code: '', status }), ['NP_CLOUD_FATAL']);
    });
  });

  describe('of a service that is broken or away', () => {
    const labels = (over: Partial<Refusal>): readonly ErrorLabel[] => refusal(over).labels;
    it('may have changed something', () => {
      for (const code of ['InternalError', 'InternalFailure', 'Unheard', ''])
        assert.deepEqual(labels({ code, status: 500 }), ['retryable', 'ambiguous']);
      assert.deepEqual(labels({ status: 500, isReading: true }), ['retryable']);
    });

    it('is not reached with 502, 503 and 504', () => {
      for (const status of [502, 503, 504])
        assert.deepEqual(labels({ status, code: 'Unavailable', isReading: true }), [
          'retryable',
          'unreachable',
        ]);
      assert.deepEqual(labels({ status: 501 }), ['retryable', 'ambiguous']);
    });
  });

  it('tell call, code, status, request id and words', () => {
    const { message } = refusal({ code: 'InvalidParameterValue', words: 'Value (x) is wrong' });
    assert.equal(
      message,
      'RunInstances: InvalidParameterValue, status 400 (req-1): Value (x) is wrong',
    );
    const bare = { code: '', status: 502, requestId: undefined, words: '' };
    assert.equal(refusal(bare).message, 'RunInstances: status 502');
  });

  it('have hints by which an operator finds the option', () => {
    const hints: readonly [string, RegExp, string?][] = [
      ['UnauthorizedOperation', /allow RunInstances in a policy .* provider one/],
      ['RequestExpired', /renew the credentials/],
      ['OptInRequired', /region-name/],
      ['AuthFailure', /profile-name/, 'the provided access credentials'],
      ['InvalidKeyPair.NotFound', /key-name/],
      ['InvalidSubnetID.NotFound', /subnet-id/],
      ['InvalidGroup.NotFound', /security-group-id/],
      ['InvalidSecurityGroupID.NotFound', /security-group-id/],
      ['InvalidInstanceType', /instance-type/],
      ['InvalidAMIID.Malformed', /image-id/],
      ['InvalidParameterValue', /iam-instance-profile/, 'Invalid IAM Instance Profile name'],
      ['InvalidParameterValue', /option/, 'Value (x) for parameter y'],
      ['NoSuchBucket', /bucket-name/],
      ['PermanentRedirect', /bucket in the region/],
      ['InvalidTag', /ten tags/],
      ['VcpuLimitExceeded', /vCPU quota/],
      ['RequestTimeTooSkewed', /clock/],
    ];
    for (const [code, expected, words = ''] of hints)
      assert.match(refusal({ code, words }).hint ?? '', expected, code);
    assert.equal(refusal({ code: 'Unheard' }).hint, undefined);
  });
});

describe('reasons of AWS for no fleet', () => {
  const error = (...codes: readonly string[]) =>
    fleetError(
      codes.map((ErrorCode) => ({ ErrorCode, ErrorMessage: `words of ${ErrorCode}` })),
      'provider one',
    );

  it('count by the most hopeful of them', () => {
    const codes = [
      ['InvalidParameterValue', 'NP_CLOUD_FATAL'],
      ['VcpuLimitExceeded', 'NP_CLOUD_QUOTA'],
      ['InsufficientInstanceCapacity', 'NP_CLOUD_CAPACITY'],
      ['InternalError', 'NP_CLOUD_TRANSIENT'],
    ] as const;
    for (let count = 1; count <= codes.length; count++)
      assert.equal(
        error(...codes.slice(0, count).map(([code]) => code)).code,
        codes[count - 1]?.[1],
      );
  });

  it('are all told, each once', () => {
    const { message, labels } = error(
      ...['VcpuLimitExceeded', 'InsufficientInstanceCapacity', 'InsufficientInstanceCapacity'],
    );
    assert.equal(
      message,
      'CreateFleet: InsufficientInstanceCapacity: words of InsufficientInstanceCapacity; ' +
        'CreateFleet: VcpuLimitExceeded: words of VcpuLimitExceeded',
    );
    assert.deepEqual(labels, ['capacity']);
  });

  it('may be missing', () => {
    assert.equal(error().code, 'NP_CLOUD_CAPACITY');
  });

  it('are never a call for patience, which nobody would hear', () => {
    const { name, code, labels } = error('RequestLimitExceeded');
    assert.deepEqual([name, code, ...labels], ['CloudError', 'NP_CLOUD_TRANSIENT', 'retryable']);
  });
});

describe('an instance that has stopped', () => {
  const stopped = (Code?: string, Message?: string) =>
    stoppedError({
      InstanceId: 'i-1',
      State: { Name: 'terminated' },
      StateReason: { Code, Message },
    });

  it('is sorted by who is to blame', () => {
    const cases: readonly [string, string, ErrorLabel][] = [
      ['Client.VolumeLimitExceeded', 'NP_CLOUD_QUOTA', 'quota'],
      ['Server.InsufficientInstanceCapacity', 'NP_CLOUD_CAPACITY', 'capacity'],
      ['Server.SpotInstanceShutdown', 'NP_CLOUD_CAPACITY', 'capacity'],
      ['Server.SpotInstanceTermination', 'NP_CLOUD_CAPACITY', 'capacity'],
      ['Server.InternalError', 'NP_CLOUD_TRANSIENT', 'retryable'],
      ['Client.InternalError', 'NP_CLOUD_TRANSIENT', 'retryable'],
      ['Client.UserInitiatedShutdown', 'NP_CLOUD_TRANSIENT', 'retryable'],
    ];
    for (const [reason, code, label] of cases) {
      const error = stopped(reason, 'some words');
      assert.deepEqual([error.code, ...error.labels], [code, label]);
      assert.equal(error.message, 'instance i-1 is terminated: some words');
    }
  });

  it('may have no reason', () => {
    assert.equal(stopped().message, 'instance i-1 is terminated: AWS gives no reason');
    assert.equal(
      stopped('Server.InternalError').message,
      'instance i-1 is terminated: InternalError',
    );
  });
});

describe('what is gone', () => {
  it('is undefined, unlike what cannot be had', async () => {
    const gone = refusal({ code: 'InvalidVolume.NotFound', call: 'DeleteVolume' });
    assert.equal(await orUndefined<unknown>(Promise.reject(gone)), undefined);
    const refused = refusal({ code: 'InvalidParameterValue' });
    await assert.rejects(orUndefined(Promise.reject(refused)), refused);
    assert.equal(await orUndefined(Promise.resolve(1)), 1);
  });

  it('is told by its code', () => {
    assert.equal(isGone('InvalidHostID.NotFound'), true);
    assert.equal(isGone('InvalidHost.Occupied'), false);
    assert.equal(isGone(undefined), false);
  });
});
