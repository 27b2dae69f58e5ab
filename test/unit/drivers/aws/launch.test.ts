import assert from 'node:assert/strict';

import type { AwsCloudOptions } from '../../../../fixtures/aws-cloud/ground.ts';
import type { ErrorCode } from '../../../../shared/base/error-codes.ts';
import { hasCode, messageOf } from '../../../../shared/base/errors.ts';
import { settleByTurning } from '../settle-by-turning.ts';
import { providerSubject } from './provider-subject.ts';
import { countOf, never } from './services.ts';

const SECTION = `
name: aws
driver: aws
region-name: us-west-2
cloud-images:
  - {name: image, username: zuul, image-id: IMAGE}
  - {name: newest, username: zuul, image-filters: [{name: name, values: [image, planted]}]}
pools:
  - name: main
    subnet-id: subnet-0a0a0a0a0a0a0a0a0
    security-group-id: sg-0a0a0a0a0a0a0a0a0
    public-ipv6: true
    labels:
      - {name: plain, cloud-image: image, key-name: key, instance-type: t3.micro}
      - {name: newest, cloud-image: newest, key-name: key, instance-type: t3.micro}
      - {name: spot, cloud-image: image, key-name: key, instance-type: t3.micro, use-spot: true}
      - name: fleet
        cloud-image: image
        key-name: key
        fleet: {instance-types: [m5.xlarge, t3.micro], allocation-strategy: prioritized}
`;
const RUN = 'RunInstances';
const LIST = 'DescribeInstances';

const subject = (options: Partial<AwsCloudOptions> = {}) => providerSubject(SECTION, options);

describe('a launch in AWS', () => {
  it('reports the instance, and tells what the node is to know of it', async () => {
    const { cloud, launch, specOf } = await subject({ createSeconds: 10 });
    const spec = specOf('plain');
    const made = await launch(spec);
    const [instance] = cloud.instances.alive();
    const externalId = { instance: instance?.id };
    assert.deepEqual(spec.reported, [externalId]);
    assert.deepEqual(made, {
      externalId,
      interfaceIp: instance?.publicIp,
      publicIpv4: instance?.publicIp,
      privateIpv4: instance?.privateIp,
      publicIpv6: instance?.ipv6[0],
      privateIpv6: null,
      hostId: null,
      cloud: 'AWS',
      region: 'us-west-2',
      availabilityZone: 'us-west-2a',
      resources: { instances: 1, cores: 1, ram: 1024, 'L-1216C47A': 2 },
    });
    assert.deepEqual(instance?.tags, { ...spec.metadata, Name: spec.hostname });
  });

  it('of a spot instance or a fleet takes what the instance is', async () => {
    const { cloud, launch, specOf } = await subject();
    const spot = await launch(specOf('spot'));
    assert.equal(spot.resources?.['L-34B43A08'], 2);
    const fleet = await launch(specOf('fleet', { nodeId: '0000000002' }));
    assert.equal(fleet.resources?.['L-1216C47A'], 4);
    assert.deepEqual(
      cloud.instances.alive().map(({ isSpot, type }) => [isSpot, type.name]),
      [
        [true, 't3.micro'],
        [false, 'm5.xlarge'],
      ],
    );
  });

  it('is patient where listings are late, and asks for all whom they do not show at once', async () => {
    const { cloud, launch, specOf } = await subject({ lagSeconds: 8 });
    const specs = Array.from({ length: 30 }, (_, index) =>
      specOf('plain', { nodeId: String(index + 1).padStart(10, '0') }),
    );
    await Promise.all(specs.map((spec) => launch(spec)));
    assert.equal(cloud.counts.instances, 30);
    assert.ok(countOf(cloud, LIST) < 40, String(countOf(cloud, LIST)));
  });

  it('outlasts questions that are not answered', async () => {
    const { cloud, launch, specOf } = await subject({ lagSeconds: 4 });
    let looks = 0;
    cloud.onCall = (call) => {
      // The first is the listing, which does not show it; then it is asked for, three times.
      if (call === LIST && ++looks === 2)
        cloud.arm({ call: LIST, mode: 'fail', status: 500, times: 3 });
    };
    await launch(specOf('plain'));
    assert.equal(cloud.armed, 0);
  });

  it('fails where AWS never shows the instance', async () => {
    const { launch, specOf, clock } = await subject({ lagSeconds: 3600 });
    await assert.rejects(launch(specOf('plain')), /was deleted by somebody else/);
    assert.ok(clock.monotonic() >= 120_000);
  });

  const ends: readonly (readonly [string, ErrorCode])[] = [
    ['Client.VolumeLimitExceeded', 'NP_CLOUD_QUOTA'],
    ['Server.InsufficientInstanceCapacity', 'NP_CLOUD_CAPACITY'],
    ['Server.SpotInstanceTermination', 'NP_CLOUD_CAPACITY'],
    ['Client.InternalError', 'NP_CLOUD_TRANSIENT'],
    ['Server.InternalError', 'NP_CLOUD_TRANSIENT'],
  ];
  for (const [code, expected] of ends)
    for (const lagSeconds of [0, 5])
      it(`fails with ${expected} where the instance ends with ${code}, shown after ${lagSeconds} s`, async () => {
        const { cloud, launch, specOf } = await subject({ createSeconds: 0.1, lagSeconds });
        cloud.instances.failure = { code, message: `${code}: so it is` };
        const spec = specOf('plain');
        await assert.rejects(launch(spec), (error) => {
          assert.ok(hasCode(error, expected), messageOf(error));
          assert.match(messageOf(error), /is terminated: .*so it is/);
          return true;
        });
        assert.equal(spec.reported.length, 1);
      });

  it('fails where somebody else ends the instance', async () => {
    const { clock, cloud, provider, specOf } = await subject();
    cloud.hold('create');
    const launching = provider.launch(specOf('plain'), never());
    const failing = assert.rejects(launching, (error) => hasCode(error, 'NP_CLOUD_TRANSIENT'));
    await clock.advance(5000);
    const [instance] = cloud.instances.alive();
    cloud.vanish(instance?.id ?? '');
    await settleByTurning(clock, failing);
  });
});

describe('the image of a launch in AWS', () => {
  it('is chosen anew, once, where it was replaced meanwhile', async () => {
    const { clock, cloud, launch, specOf } = await subject();
    await clock.advance(1000);
    const first = cloud.plant.image();
    await clock.advance(300_000);
    await launch(specOf('newest'));
    await clock.advance(1000);
    const second = cloud.plant.image();
    cloud.images.deregister(first);
    await launch(specOf('newest', { attempt: 2 }));
    assert.deepEqual(
      cloud.instances.alive().map(({ imageId }) => imageId),
      [first, second],
    );
  });

  it('is not asked for again where it is the same', async () => {
    const { cloud, launch, specOf } = await subject();
    cloud.arm({ call: RUN, mode: 'fail', status: 400, code: 'InvalidParameterValue', times: 9 });
    await assert.rejects(launch(specOf('plain')), (error) => hasCode(error, 'NP_CLOUD_FATAL'));
    assert.equal(countOf(cloud, RUN), 1);
  });

  for (const [code, status, tries] of [
    ['InsufficientInstanceCapacity', 400, 1],
    ['VcpuLimitExceeded', 400, 1],
    ['InternalError', 500, 3],
  ] as const)
    it(`is no reason where AWS says ${code}`, async () => {
      const { cloud, launch, specOf } = await subject();
      cloud.calls.length = 0;
      cloud.arm({ call: RUN, mode: 'fail', status, code, times: 99 });
      await assert.rejects(launch(specOf('plain')));
      assert.deepEqual(new Set(cloud.calls), new Set([RUN]));
      assert.ok(cloud.calls.length >= tries);
    });
});

describe('the launch template of a fleet', () => {
  it('is made once more where it was deleted meanwhile', async () => {
    const { cloud, launch, specOf } = await subject();
    for (const { id } of cloud.templates.all()) cloud.templates.delete(id);
    await launch(specOf('fleet'));
    assert.equal(cloud.counts.instances, 1);
    assert.equal(cloud.templates.size, 1);
  });
});

describe('a fleet of which AWS makes nothing', () => {
  it('fails by the reasons that AWS gives', async () => {
    const { cloud, launch, specOf } = await subject();
    cloud.limits = { instances: 0 };
    await assert.rejects(launch(specOf('fleet')), (error) => hasCode(error, 'NP_CLOUD_QUOTA'));
    assert.equal(countOf(cloud, 'CreateFleet'), 1);
  });
});

describe('the console of an instance', () => {
  it('is what AWS has of it', async () => {
    const { clock, cloud, launch, provider, specOf } = await subject();
    const { externalId } = await launch(specOf('plain'));
    const console = provider.consoleLog(externalId, never());
    assert.match((await settleByTurning(clock, console)) ?? '', /^console of i-/);
    cloud.calls.length = 0;
    assert.equal(await provider.consoleLog({ host: 'h-0123456789abcdef0' }, never()), undefined);
    assert.deepEqual(cloud.calls, []);
  });

  it('is none where we may not read it, which is said once', async () => {
    const { cloud, provider, warnings } = await subject();
    const call = 'GetConsoleOutput';
    cloud.arm({ call, mode: 'fail', status: 403, code: 'UnauthorizedOperation', times: 2 });
    const id = cloud.plant.instance();
    warnings.length = 0;
    assert.equal(await provider.consoleLog(id, never()), undefined);
    assert.equal(await provider.consoleLog(id, never()), undefined);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['consoles cannot be read'],
    );
  });
});

describe('zones of AWS', () => {
  it('are not chosen by the launcher', async () => {
    const { provider } = await subject();
    assert.deepEqual(await provider.availabilityZones(), []);
  });
});
