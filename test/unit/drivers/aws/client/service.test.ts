import assert from 'node:assert/strict';

import { systemClock } from '../../../../../shared/base/clock.ts';
import { NodepoolError, hasCode, hasLabel } from '../../../../../shared/base/errors.ts';
import type { HttpDone } from '../../../../../shared/drivers/driver.ts';
import { settleByTurning } from '../../settle-by-turning.ts';
import {
  ScriptedAws,
  ec2Answer,
  ec2Error,
  ec2List,
  instancesAnswer,
  networkError,
  never,
  type SeenCall,
} from './scripted-aws.ts';

const zonesAnswer = ec2Answer(
  'DescribeAvailabilityZones',
  ec2List('availabilityZoneInfo', ['<zoneName>us-west-2a</zoneName>']),
);
const machine = {
  ...{ ImageId: 'ami-1', MinCount: 1, MaxCount: 1, InstanceType: 't3.micro' as const },
};
const runAnswer = ec2Answer(
  'RunInstances',
  ec2List('instancesSet', ['<instanceId>i-1</instanceId>']),
);

const ended = <T>(aws: ScriptedAws, work: Promise<T>): Promise<T> =>
  settleByTurning(aws.clock, work);

before('load the SDK', async () => {
  await Promise.all([import('@aws-sdk/client-ec2'), import('@aws-sdk/client-service-quotas')]);
});

const times = (calls: readonly SeenCall[]): readonly number[] => calls.map(({ atMs }) => atMs);

describe('calls to AWS', () => {
  it('go to the region, signed, with the name of the call', async () => {
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', zonesAnswer);
    assert.deepEqual(await aws.services().compute.zones(never()), ['us-west-2a']);
    const [call] = aws.calls;
    assert.equal(call?.host, 'ec2.us-west-2.amazonaws.com');
    assert.match(call.headers.authorization ?? '', /^AWS4-HMAC-SHA256 Credential=AKIDTEST/);
  });

  it('bring all pages of a list', async () => {
    const aws = new ScriptedAws().on('DescribeInstances', ({ params }) =>
      params.get('NextToken') === 'two'
        ? instancesAnswer(['i-3'])
        : instancesAnswer(['i-1', 'i-2'], 'two'),
    );
    const instances = await aws.services().compute.instances(never());
    assert.deepEqual(
      instances.map(({ InstanceId }) => InstanceId),
      ['i-1', 'i-2', 'i-3'],
    );
  });

  it('are no half list where a page fails', async () => {
    const aws = new ScriptedAws().on('DescribeInstances', [
      instancesAnswer(['i-1'], 'two'),
      ec2Error('InvalidParameterValue'),
    ]);
    const error = await aws
      .services()
      .compute.instances(never())
      .catch((one: unknown) => one);
    assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
  });

  it('are repeated by us, not by the SDK', async () => {
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', [
      ec2Error('InternalError', 'sorry', 500),
      networkError('ECONNRESET'),
      zonesAnswer,
    ]);
    await ended(aws, aws.services().compute.zones(never()));
    assert.equal(aws.calls.length, 3);
    const failing = new ScriptedAws().on('DescribeAvailabilityZones', ec2Error('X', 'sorry', 500));
    await assert.rejects(ended(failing, failing.services().compute.zones(never())));
    assert.equal(failing.calls.length, 3);
  });

  it('that may have taken effect are repeated with their token only', async () => {
    for (const [ClientToken, count] of [
      ['token', 2],
      [undefined, 1],
    ] as const) {
      const aws = new ScriptedAws().on('RunInstances', [networkError('ECONNRESET'), runAnswer]);
      const request = { ...machine, ...(ClientToken !== undefined && { ClientToken }) };
      const work = ended(aws, aws.services().compute.runInstance(request, never()));
      if (count === 2) assert.equal((await work).InstanceId, 'i-1');
      else await assert.rejects(work, (error) => hasLabel(error, 'ambiguous'));
      assert.equal(aws.calls.length, count);
      assert.equal(new Set(aws.calls.map(({ params }) => params.get('ClientToken'))).size, 1);
    }
  });

  it('pause longer and longer while AWS throttles', async () => {
    const aws = new ScriptedAws().on('RunInstances', [
      ...Array.from({ length: 5 }, () => ec2Error('RequestLimitExceeded', 'slow', 503)),
      runAnswer,
    ]);
    const request = { ...machine, ClientToken: 'token' };
    await ended(aws, aws.services().compute.runInstance(request, never()));
    const pauses = times(aws.calls).map((time, at, all) => time - (all[at - 1] ?? 0));
    assert.equal(pauses.length, 6);
    for (const [at, pause] of pauses.slice(2).entries())
      assert.ok(pause > 1.5 * (pauses[at + 1] ?? Infinity), `pauses ${pauses.join(' ')}`);
  });

  it('have a deadline, and break the request off at its end', async () => {
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', ['hang', zonesAnswer]);
    await ended(aws, aws.services().compute.zones(never()));
    assert.equal(aws.aborted, 1);
  });

  it('end with their signal', async () => {
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', 'hang');
    const controller = new AbortController();
    const work = aws.services({ clock: systemClock }).compute.zones(controller.signal);
    while (aws.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const reason = new NodepoolError('NP_ABORTED', 'enough');
    controller.abort(reason);
    await assert.rejects(work, reason);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(aws.aborted, 1);
  });

  it('end when the provider is closed', async () => {
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', 'hang');
    const services = aws.services({ clock: systemClock });
    const work = services.compute.zones(never());
    while (aws.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    services.close();
    await assert.rejects(work, (error) => hasCode(error, 'NP_ABORTED'));
    await assert.rejects(services.compute.zones(never()), (error) => hasCode(error, 'NP_ABORTED'));
  });

  it('are told of, one by one', async () => {
    const seen: HttpDone[] = [];
    const onHttp = (request: HttpDone): void => void seen.push(request);
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', [
      networkError('ECONNRESET'),
      ec2Error('InternalError', 'sorry', 500),
      zonesAnswer,
    ]);
    await ended(aws, aws.services({ onHttp }).compute.zones(never()));
    assert.deepEqual(
      seen.map(({ service, method, status }) => [service, method, status]),
      [
        ['ec2', 'POST', undefined],
        ['ec2', 'POST', 500],
        ['ec2', 'POST', 200],
      ],
    );
  });
});

describe('budgets of calls to AWS', () => {
  it('are ten times as large for calls that change nothing', async () => {
    const aws = new ScriptedAws()
      .on('DescribeAvailabilityZones', zonesAnswer)
      .on('DeleteVolume', ec2Answer('DeleteVolume', '<return>true</return>'));
    const { compute } = aws.services({ callsPerSecond: 1 });
    const five = [1, 2, 3, 4, 5];
    await ended(aws, Promise.all(five.map(() => compute.zones(never()))));
    const reading = times(aws.calls);
    aws.calls.length = 0;
    await ended(aws, Promise.all(five.map((one) => compute.deleteVolume(`vol-${one}`, never()))));
    const changing = times(aws.calls);
    const span = (all: readonly number[]): number => (all.at(-1) ?? 0) - (all[0] ?? 0);
    assert.equal(span(reading), 400);
    assert.equal(span(changing), 4000);
  });

  it('do not wait for each other', async () => {
    const aws = new ScriptedAws()
      .on('DescribeAvailabilityZones', zonesAnswer)
      .on('DeleteVolume', ec2Answer('DeleteVolume', '<return>true</return>'))
      .on('ServiceQuotasV20190624.ListServiceQuotas', { text: '{"Quotas":[]}' });
    const services = aws.services({ callsPerSecond: 1 });
    const work = Promise.all([
      services.compute.deleteVolume('vol-1', never()),
      services.compute.zones(never()),
      services.limits.quotas('ec2', never()),
    ]);
    await ended(aws, work);
    assert.deepEqual(
      times(aws.calls),
      [0, 0, 0].map(() => aws.calls[0]?.atMs),
    );
  });
});

describe('credentials of AWS', () => {
  const wrong = ec2Error(
    'AuthFailure',
    'not able to validate the provided access credentials',
    401,
  );
  const identity = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'a-secret' });

  it('are looked up anew where AWS refuses them', async () => {
    let looks = 0;
    const credentials = () => Promise.resolve(identity(`KEY${++looks}`));
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', ({ headers }) =>
      headers.authorization?.includes('KEY2') === true ? zonesAnswer : wrong,
    );
    const { compute } = aws.services({ credentials });
    await compute.zones(never());
    await compute.zones(never());
    assert.equal(aws.calls.length, 3);
    assert.equal(looks, 2);
  });

  it('are refused once where there are no others', async () => {
    const credentials = () => Promise.resolve(identity('KEY'));
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', wrong);
    const { compute } = aws.services({ credentials });
    await assert.rejects(compute.zones(never()), (error) => {
      assert.ok(hasCode(error, 'NP_CLOUD_FATAL'));
      assert.doesNotMatch(JSON.stringify(error), /a-secret/);
      return true;
    });
    assert.equal(aws.calls.length, 1);
  });

  it('that cannot be had are an error without a call', async () => {
    const credentials = () =>
      Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' }));
    const aws = new ScriptedAws();
    const { compute } = aws.services({ credentials });
    await assert.rejects(compute.zones(never()), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    assert.equal(aws.calls.length, 0);
  });

  it("are signed with AWS's time where our clock is wrong", async () => {
    const later = new Date(Date.now() + 3_600_000);
    const aws = new ScriptedAws().on('DescribeAvailabilityZones', ({ headers }) => {
      const hour = later.toISOString().slice(0, 13).replace(/[-:]/g, '');
      if (headers['x-amz-date']?.startsWith(hour) === true) return zonesAnswer;
      return { ...wrong, headers: { date: later.toUTCString() } };
    });
    await aws.services().compute.zones(never());
    assert.equal(aws.calls.length, 2);
  });
});
