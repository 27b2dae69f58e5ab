import assert from 'node:assert/strict';

import { hasCode, hasLabel } from '../../../../../shared/base/errors.ts';
import {
  ScriptedAws,
  ec2Answer,
  ec2Error,
  ec2List,
  instancesAnswer,
  never,
} from './scripted-aws.ts';

const terminated = ec2Answer('TerminateInstances', ec2List('instancesSet', []));
const params = (aws: ScriptedAws, name: string): readonly string[][] =>
  aws.calls.map(({ params: all }) =>
    [...all].filter(([key]) => key.startsWith(`${name}.`)).map(([, value]) => value),
  );

describe('Compute', () => {
  describe('instances', () => {
    it('are all but the terminated ones', async () => {
      const aws = new ScriptedAws().on('DescribeInstances', instancesAnswer(['i-1']));
      await aws.services().compute.instances(never());
      assert.deepEqual(params(aws, 'Filter.1.Value'), [
        ['pending', 'running', 'shutting-down', 'stopping', 'stopped'],
      ]);
    });

    it('by their ids are asked for two hundred at a time', async () => {
      const aws = new ScriptedAws().on('DescribeInstances', instancesAnswer(['i-1']));
      const ids = Array.from({ length: 201 }, (_, at) => `i-${at}`);
      assert.equal((await aws.services().compute.instancesOf(ids, never())).length, 2);
      assert.deepEqual(
        params(aws, 'Filter.1.Value').map(({ length }) => length),
        [200, 1],
      );
      assert.equal((await aws.services().compute.instancesOf([], never())).length, 0);
      assert.equal(aws.calls.length, 2);
    });

    it('that AWS does not know are undefined', async () => {
      const aws = new ScriptedAws().on('DescribeInstances', ec2Error('InvalidInstanceID.NotFound'));
      assert.equal(await aws.services().compute.instance('i-1', never()), undefined);
    });

    it('are missing from an answer', async () => {
      const aws = new ScriptedAws().on(
        'RunInstances',
        ec2Answer('RunInstances', ec2List('instancesSet', [])),
      );
      const request = { ImageId: 'ami-1', MinCount: 1, MaxCount: 1 };
      await assert.rejects(aws.services().compute.runInstance(request, never()), (error) =>
        hasLabel(error, 'ambiguous'),
      );
    });
  });

  describe('terminates', () => {
    it('each once, in one call', async () => {
      const aws = new ScriptedAws().on('TerminateInstances', terminated);
      await aws.services().compute.terminate(['i-1', 'i-2', 'i-1'], never());
      assert.deepEqual(params(aws, 'InstanceId'), [['i-1', 'i-2']]);
    });

    it('the others where AWS does not know some', async () => {
      const aws = new ScriptedAws().on('TerminateInstances', ({ params: all }) => {
        const unknown = ['i-2', 'i-4'].filter((id) => [...all.values()].includes(id));
        if (unknown.length === 0) return terminated;
        const words = `The instance IDs '${unknown.join(', ')}' do not exist`;
        return ec2Error('InvalidInstanceID.NotFound', words);
      });
      const ids = ['i-1', 'i-2', 'i-3', 'i-4'];
      await aws.services().compute.terminate(ids, never());
      assert.deepEqual(params(aws, 'InstanceId'), [ids, ['i-1', 'i-3']]);
    });

    it('one by one where AWS does not say which', async () => {
      const aws = new ScriptedAws().on('TerminateInstances', ({ params: all }) =>
        [...all.values()].includes('i-2') ? ec2Error('InvalidInstanceID.NotFound') : terminated,
      );
      await aws.services().compute.terminate(['i-1', 'i-2', 'i-3'], never());
      assert.deepEqual(params(aws, 'InstanceId'), [
        ['i-1', 'i-2', 'i-3'],
        ['i-1'],
        ['i-2'],
        ['i-3'],
      ]);
    });

    it('nobody without a call', async () => {
      const aws = new ScriptedAws();
      await aws.services().compute.terminate([], never());
      assert.equal(aws.calls.length, 0);
    });

    it('not what AWS refuses for another reason', async () => {
      const aws = new ScriptedAws().on('TerminateInstances', ec2Error('OperationNotPermitted'));
      await assert.rejects(aws.services().compute.terminate(['i-1'], never()), (error) =>
        hasCode(error, 'NP_CLOUD_FATAL'),
      );
    });
  });

  describe('a fleet', () => {
    const fleet = { TargetCapacitySpecification: { TotalTargetCapacity: 1 } };
    const request = { ...fleet, LaunchTemplateConfigs: [], ClientToken: 'token' };
    const reason = (code: string): string =>
      `<errorCode>${code}</errorCode><errorMessage>words</errorMessage>`;

    it('tells the id of its machine', async () => {
      const instance = ec2List('instanceIds', ['i-7']);
      const xml = ec2List('fleetInstanceSet', [instance]);
      const aws = new ScriptedAws().on('CreateFleet', ec2Answer('CreateFleet', xml));
      assert.equal(await aws.services().compute.createFleet(request, never()), 'i-7');
    });

    it('without a machine is an error by its reasons', async () => {
      const xml = ec2List('errorSet', [
        reason('VcpuLimitExceeded'),
        reason('UnfulfillableCapacity'),
      ]);
      const aws = new ScriptedAws().on('CreateFleet', ec2Answer('CreateFleet', xml));
      await assert.rejects(aws.services().compute.createFleet(request, never()), (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, /UnfulfillableCapacity: words; .*VcpuLimitExceeded: words/);
        return hasCode(error, 'NP_CLOUD_CAPACITY');
      });
    });
  });

  describe('dedicated hosts', () => {
    const released = (...unsuccessful: readonly string[]) =>
      ec2Answer('ReleaseHosts', ec2List('successful', []) + ec2List('unsuccessful', unsuccessful));
    const failed = (id: string, code: string): string =>
      `<resourceId>${id}</resourceId><error><code>${code}</code><message>words</message></error>`;

    it('are all but the released ones', async () => {
      const aws = new ScriptedAws().on(
        'DescribeHosts',
        ec2Answer('DescribeHosts', ec2List('hostSet', ['<hostId>h-1</hostId>'])),
      );
      assert.equal((await aws.services().compute.hosts(never()))[0]?.HostId, 'h-1');
      assert.equal(params(aws, 'Filter.1.Value')[0]?.includes('released'), false);
    });

    it('that AWS does not know are released', async () => {
      const aws = new ScriptedAws().on('ReleaseHosts', [
        released(failed('h-1', 'Client.InvalidHostID.NotFound')),
        ec2Error('InvalidHostID.NotFound'),
        ec2Error('InvalidHostID.NotFound'),
        released(),
      ]);
      const { compute } = aws.services();
      await compute.releaseHosts(['h-1'], never());
      await compute.releaseHosts(['h-1', 'h-2'], never());
      assert.deepEqual(params(aws, 'HostId'), [['h-1'], ['h-1', 'h-2'], ['h-1'], ['h-2']]);
      await compute.releaseHosts([], never());
      assert.equal(aws.calls.length, 4);
    });

    it('that are occupied may be released later', async () => {
      const aws = new ScriptedAws().on(
        'ReleaseHosts',
        released(failed('h-1', 'Client.InvalidHost.Occupied')),
      );
      await assert.rejects(aws.services().compute.releaseHosts(['h-1'], never()), (error) => {
        assert.match(String(error), /h-1 \(Client\.InvalidHost\.Occupied: words\)/);
        return hasLabel(error, 'retryable');
      });
    });
  });

  it('takes a launch template that exists already for made', async () => {
    const exists = 'InvalidLaunchTemplateName.AlreadyExistsException';
    const aws = new ScriptedAws().on('CreateLaunchTemplate', [
      ec2Error(exists),
      ec2Error('InvalidParameterValue'),
    ]);
    const { compute } = aws.services();
    const request = { LaunchTemplateName: 'one', LaunchTemplateData: {} };
    await compute.createLaunchTemplate(request, never());
    await assert.rejects(compute.createLaunchTemplate(request, never()));
  });

  it('asks for a hundred instance types at a time', async () => {
    const aws = new ScriptedAws().on(
      'DescribeInstanceTypes',
      ec2Answer('DescribeInstanceTypes', ec2List('instanceTypeSet', [])),
    );
    const names = Array.from({ length: 101 }, (_, at) => `t${at}.micro`);
    await aws.services().compute.instanceTypes(names, never());
    assert.deepEqual(
      params(aws, 'InstanceType').map(({ length }) => length),
      [100, 1],
    );
  });

  it('reads a console as text, where there is one', async () => {
    const output = Buffer.from('Linux\n').toString('base64');
    const aws = new ScriptedAws().on('GetConsoleOutput', [
      ec2Answer('GetConsoleOutput', `<output>${output}</output>`),
      ec2Answer('GetConsoleOutput', '<output/>'),
      ec2Error('InvalidInstanceID.NotFound'),
      ec2Error('UnauthorizedOperation', 'no', 403),
    ]);
    const { compute } = aws.services();
    assert.equal(await compute.consoleOutput('i-1', never()), 'Linux\n');
    for (let times = 0; times < 2; times++)
      assert.equal(await compute.consoleOutput('i-1', never()), undefined);
    await assert.rejects(compute.consoleOutput('i-1', never()), (error) =>
      hasCode(error, 'NP_CLOUD_FATAL'),
    );
  });

  it('chooses among whole zones only', async () => {
    const zone = (name: string, type: string): string =>
      `<zoneName>${name}</zoneName><zoneType>${type}</zoneType>`;
    const zones = [zone('us-west-2a', 'availability-zone'), zone('us-west-2-lax-1a', 'local-zone')];
    const aws = new ScriptedAws().on(
      'DescribeAvailabilityZones',
      ec2Answer('DescribeAvailabilityZones', ec2List('availabilityZoneInfo', zones)),
    );
    assert.deepEqual(await aws.services().compute.zones(never()), ['us-west-2a']);
  });
});
