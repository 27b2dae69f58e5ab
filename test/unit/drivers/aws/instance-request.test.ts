import assert from 'node:assert/strict';

import type { EbsBlockDevice, Image } from '@aws-sdk/client-ec2';

import { hasCode, CloudError } from '../../../../shared/base/errors.ts';
import { hostRequest, instanceRequest } from '../../../../shared/drivers/aws/instance-request.ts';
import type { LaunchSpec } from '../../../../shared/drivers/driver.ts';
import { launchSpec } from '../../../support/launch-spec.ts';
import { providerConfig } from '../../../support/provider-config.ts';

const IMAGE: Image = { ImageId: 'ami-1' };

/** A launch of a label of these options, in a pool of those. */
function specOf(label: string, pool = '', changes: Partial<LaunchSpec> = {}): LaunchSpec {
  const config = providerConfig(`
name: aws
driver: aws
region-name: us-west-2
cloud-images: [{name: image, username: zuul, image-id: ami-1}]
pools:
  - name: main
    ${pool}
    labels:
      - {name: label, cloud-image: image, key-name: key, ${label}}
`);
  return launchSpec(config, 'label', changes);
}

const TYPE = 'instance-type: t3.micro';
const requestOf = (label = TYPE, pool = '', image = IMAGE) =>
  instanceRequest({ spec: specOf(label, pool), image });

/** The root volume that is asked for, where the image has one of its own. */
function rootOf(own: EbsBlockDevice, label: string): EbsBlockDevice | undefined {
  const image: Image = {
    ...IMAGE,
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvdb', Ebs: { SnapshotId: 'snap-2' } },
      { DeviceName: '/dev/xvda', Ebs: own },
    ],
  };
  const [mapping, ...others] = requestOf(`${TYPE}, ${label}`, '', image).BlockDeviceMappings ?? [];
  assert.deepEqual(others, []);
  assert.equal(mapping?.DeviceName, '/dev/xvda');
  return mapping.Ebs;
}

describe('the request for an instance', () => {
  it('without options is what every instance has', () => {
    const tags = [
      { Key: 'nodepool_node_id', Value: '0000000001' },
      { Key: 'nodepool_pool_name', Value: 'main' },
      { Key: 'nodepool_provider_name', Value: 'aws' },
      { Key: 'Name', Value: 'np0000000001' },
    ];
    assert.deepEqual(requestOf(), {
      ImageId: 'ami-1',
      MinCount: 1,
      MaxCount: 1,
      KeyName: 'key',
      EbsOptimized: false,
      InstanceType: 't3.micro',
      NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: true }],
      TagSpecifications: [
        { ResourceType: 'instance', Tags: tags },
        { ResourceType: 'volume', Tags: tags },
      ],
    });
  });

  it('has the network of the pool', () => {
    const options = ['security-group-id: sg-1', 'subnet-id: subnet-1', 'public-ipv4: false'];
    const pool = [...options, 'public-ipv6: true'].join('\n    ');
    assert.deepEqual(requestOf(TYPE, pool).NetworkInterfaces, [
      {
        DeviceIndex: 0,
        AssociatePublicIpAddress: false,
        Groups: ['sg-1'],
        SubnetId: 'subnet-1',
        Ipv6AddressCount: 1,
      },
    ]);
  });

  it("has the pool's zone, and no other", () => {
    const pool = 'availability-zone: us-west-2a';
    assert.deepEqual(requestOf(TYPE, pool).Placement, { AvailabilityZone: 'us-west-2a' });
    const elsewhere = specOf(TYPE, pool, { availabilityZone: 'us-west-2b' });
    const { Placement: placement } = instanceRequest({ spec: elsewhere, image: IMAGE });
    assert.deepEqual(placement, { AvailabilityZone: 'us-west-2a' });
    const anywhere = specOf(TYPE, '', { availabilityZone: 'us-west-2b' });
    assert.equal(instanceRequest({ spec: anywhere, image: IMAGE }).Placement, undefined);
  });

  it('names the host that it is for', () => {
    const spec = specOf(`${TYPE}, dedicated-host: true`, 'availability-zone: us-west-2a');
    assert.deepEqual(instanceRequest({ spec, image: IMAGE, hostId: 'h-1' }).Placement, {
      Tenancy: 'host',
      HostId: 'h-1',
      Affinity: 'host',
      AvailabilityZone: 'us-west-2a',
    });
  });

  it('has what the label says of the instance', () => {
    const { EbsOptimized, UserData, MetadataOptions, InstanceMarketOptions, IamInstanceProfile } =
      requestOf(
        `${TYPE}, ebs-optimized: true, userdata: "grüß", imdsv2: required, use-spot: true, ` +
          'iam-instance-profile: {name: profile}',
      );
    assert.equal(EbsOptimized, true);
    assert.equal(UserData, Buffer.from('grüß').toString('base64'));
    assert.deepEqual(MetadataOptions, { HttpTokens: 'required', HttpEndpoint: 'enabled' });
    assert.deepEqual(InstanceMarketOptions, {
      MarketType: 'spot',
      SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
    });
    assert.deepEqual(IamInstanceProfile, { Name: 'profile' });
    const other = requestOf(`${TYPE}, imdsv2: optional, iam-instance-profile: {arn: "arn:1"}`);
    assert.deepEqual(other.MetadataOptions, { HttpTokens: 'optional', HttpEndpoint: 'enabled' });
    assert.deepEqual(other.IamInstanceProfile, { Arn: 'arn:1' });
  });

  it("has the label's tags below Nodepool's, as Python writes them", () => {
    const { TagSpecifications } = requestOf(
      `${TYPE}, tags: {on: true, off: false, none: null, count: 3, nodepool_node_id: mine, Name: x}, ` +
        'dynamic-tags: {who: "{request.requestor}"}',
    );
    assert.deepEqual(
      Object.fromEntries(TagSpecifications?.[0]?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? []),
      {
        ...{ on: 'True', off: 'False', none: 'None', count: '3', who: 'test' },
        nodepool_node_id: '0000000001',
        nodepool_pool_name: 'main',
        nodepool_provider_name: 'aws',
        Name: 'np0000000001',
      },
    );
  });

  it('without an instance type is none', () => {
    assert.throws(
      () => requestOf('ebs-optimized: true'),
      (error) =>
        error instanceof CloudError &&
        hasCode(error, 'NP_CLOUD_FATAL') &&
        error.hint === 'give the label instance-type, or fleet',
    );
  });
});

describe('the root volume of an instance', () => {
  it('is the image’s, and goes with its instance', () => {
    const own: EbsBlockDevice = {
      ...{ SnapshotId: 'snap-1', VolumeSize: 8, VolumeType: 'gp3', Iops: 3000, Throughput: 125 },
      ...{ DeleteOnTermination: false, Encrypted: false },
    };
    assert.deepEqual(rootOf(own, ''), {
      ...{ SnapshotId: 'snap-1', VolumeSize: 8, VolumeType: 'gp3', Iops: 3000, Throughput: 125 },
      DeleteOnTermination: true,
    });
  });

  it('is as the label wants it', () => {
    const own: EbsBlockDevice = { SnapshotId: 'snap-1', VolumeSize: 8, VolumeType: 'gp2' };
    assert.deepEqual(
      rootOf(own, 'volume-size: 40, volume-type: gp3, iops: 4000, throughput: 200'),
      {
        ...{ SnapshotId: 'snap-1', VolumeSize: 40, VolumeType: 'gp3', Iops: 4000, Throughput: 200 },
        DeleteOnTermination: true,
      },
    );
  });

  it('keeps no figures of the image that the type of the label does not have', () => {
    const own: EbsBlockDevice = { VolumeType: 'gp3', Iops: 5000, Throughput: 125 };
    assert.deepEqual(rootOf(own, 'volume-type: gp2'), {
      VolumeType: 'gp2',
      DeleteOnTermination: true,
    });
    assert.deepEqual(rootOf(own, 'volume-type: io2'), {
      VolumeType: 'io2',
      Iops: 5000,
      DeleteOnTermination: true,
    });
  });

  it('is the first one where the image does not name its root', () => {
    const image: Image = {
      ...IMAGE,
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: {} }, { DeviceName: '/dev/sdb' }],
    };
    assert.deepEqual(requestOf(TYPE, '', image).BlockDeviceMappings, [
      { DeviceName: '/dev/sda1', Ebs: { DeleteOnTermination: true } },
    ]);
  });

  it('is not asked for where the image has none', () => {
    const image: Image = {
      ...IMAGE,
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', VirtualName: 'ephemeral0' }],
    };
    assert.equal(requestOf(TYPE, '', image).BlockDeviceMappings, undefined);
  });
});

describe('the request for a host', () => {
  it('is for one instance of the label, in the zone of the pool', () => {
    const spec = specOf(`${TYPE}, dedicated-host: true`, 'availability-zone: us-west-2a');
    const { TagSpecifications, ...rest } = hostRequest(spec);
    assert.deepEqual(rest, {
      AutoPlacement: 'off',
      AvailabilityZone: 'us-west-2a',
      InstanceType: 't3.micro',
      Quantity: 1,
      HostRecovery: 'off',
      HostMaintenance: 'off',
    });
    assert.deepEqual(
      TagSpecifications?.map(({ ResourceType, Tags }) => [ResourceType, Tags?.length]),
      [['dedicated-host', 4]],
    );
  });
});
