/**
 * What AWS is asked for: one instance, or the host that it is to have for itself. Pure.
 *
 * Facts: nodepool/driver/aws/adapter.py (`_runInstance`, `_allocateHost`). The zone is the pool's own
 * alone: a subnet stands in one zone, and not every zone has every instance type, so a zone that was
 * chosen for other nodes would be refused.
 */
import type {
  AllocateHostsCommandInput,
  BlockDeviceMapping,
  EbsBlockDevice,
  Image,
  RunInstancesCommandInput,
  TagSpecification,
  VolumeType,
  _InstanceType,
} from '@aws-sdk/client-ec2';

import { without } from '../../../schemas/config/camel.ts';
import type { AwsLabelOptions, AwsPoolOptions } from '../../../schemas/config/drivers/aws.ts';
import { CloudError } from '../../base/errors.ts';
import { nodeTags } from '../../cloud/tags.ts';
import type { LaunchSpec } from '../driver.ts';
import { tagList } from './client/tags.ts';

export interface InstanceWish {
  readonly spec: LaunchSpec;
  readonly image: Image;
  /** Undefined: on any host. */
  readonly hostId?: string | undefined;
}

/** Volume types whose performance can be bought apart from their size. */
const WITH_IOPS: readonly string[] = ['io1', 'io2', 'gp3'];
const WITH_THROUGHPUT: readonly string[] = ['gp3'];

export function instanceRequest({ spec, image, hostId }: InstanceWish): RunInstancesCommandInput {
  const label = labelOptions(spec);
  const { securityGroupId, subnetId, publicIpv4, publicIpv6 } = spec.pool.options as AwsPoolOptions;
  const placement = placementOf(spec, hostId);
  const mapping = rootMapping(image, label);
  return {
    ImageId: image.ImageId,
    MinCount: 1,
    MaxCount: 1,
    KeyName: label.keyName,
    EbsOptimized: label.ebsOptimized,
    InstanceType: instanceTypeOf(spec),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        AssociatePublicIpAddress: publicIpv4,
        ...(securityGroupId && { Groups: [securityGroupId] }),
        ...(subnetId && { SubnetId: subnetId }),
        ...(publicIpv6 && { Ipv6AddressCount: 1 }),
      },
    ],
    TagSpecifications: nodeTagSpecifications(spec, ['instance', 'volume']),
    ...(label.userdata && { UserData: userDataOf(label.userdata) }),
    ...(label.iamInstanceProfile && { IamInstanceProfile: profileOf(label.iamInstanceProfile) }),
    ...(mapping && { BlockDeviceMappings: [mapping] }),
    ...(label.useSpot && {
      InstanceMarketOptions: {
        MarketType: 'spot',
        SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
      },
    }),
    ...(label.imdsv2 && {
      MetadataOptions: { HttpTokens: label.imdsv2, HttpEndpoint: 'enabled' },
    }),
    ...(placement && { Placement: placement }),
  };
}

/** A host for one instance, which nothing else may be started on by chance. */
export function hostRequest(spec: LaunchSpec): AllocateHostsCommandInput {
  return {
    AutoPlacement: 'off',
    AvailabilityZone: zoneOf(spec),
    InstanceType: instanceTypeOf(spec),
    Quantity: 1,
    HostRecovery: 'off',
    HostMaintenance: 'off',
    TagSpecifications: nodeTagSpecifications(spec, ['dedicated-host']),
  };
}

export function labelOptions(spec: LaunchSpec): AwsLabelOptions {
  return spec.label.options as AwsLabelOptions;
}

/** The zone that the pool names. */
export function zoneOf({ pool }: LaunchSpec): string | undefined {
  return pool.availabilityZones[0];
}

/** The label's tags, those that depend on the request, Nodepool's own, and the name that AWS shows. */
export function nodeTagSpecifications(
  spec: LaunchSpec,
  types: readonly NonNullable<TagSpecification['ResourceType']>[],
): TagSpecification[] {
  const { tags, dynamicTags } = labelOptions(spec);
  const fixed = Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [key, asPythonWrites(value)]),
  );
  const all = { ...nodeTags({ ...spec, fixed, dynamic: dynamicTags }), Name: spec.hostname };
  return types.map((ResourceType) => ({ ResourceType, Tags: tagList(all) }));
}

/** On the wire it is base64. */
export function userDataOf(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** What the label says of the root volume, whatever the image has. */
export function volumeOptions(label: AwsLabelOptions): EbsBlockDevice {
  return {
    ...(label.volumeSize && { VolumeSize: label.volumeSize }),
    ...(label.volumeType && { VolumeType: label.volumeType as VolumeType }),
    ...(label.iops && { Iops: label.iops }),
    ...(label.throughput && { Throughput: label.throughput }),
  };
}

/**
 * The image's own root volume, changed as the label wants it, so that it goes with its instance. AWS
 * takes no `Encrypted` beside a snapshot, and refuses what the new volume type does not have.
 */
function rootMapping(image: Image, label: AwsLabelOptions): BlockDeviceMapping | undefined {
  const mappings = image.BlockDeviceMappings ?? [];
  const root = mappings.find(({ DeviceName }) => DeviceName === image.RootDeviceName);
  const { Ebs: own, ...mapping } = root ?? mappings[0] ?? {};
  if (own === undefined) return undefined;
  const wanted = volumeOptions(label);
  const type = wanted.VolumeType ?? own.VolumeType ?? '';
  const has = (types: readonly string[]): boolean =>
    type === own.VolumeType || types.includes(type);
  return {
    ...mapping,
    Ebs: {
      ...without(own, 'Encrypted', 'Iops', 'Throughput'),
      ...(own.Iops !== undefined && has(WITH_IOPS) && { Iops: own.Iops }),
      ...(own.Throughput !== undefined && has(WITH_THROUGHPUT) && { Throughput: own.Throughput }),
      ...wanted,
      DeleteOnTermination: true,
    },
  };
}

function placementOf(
  spec: LaunchSpec,
  hostId: string | undefined,
): RunInstancesCommandInput['Placement'] {
  const zone = zoneOf(spec);
  if (hostId === undefined && !zone) return undefined;
  return {
    ...(hostId && { Tenancy: 'host', HostId: hostId, Affinity: 'host' }),
    ...(zone && { AvailabilityZone: zone }),
  };
}

function instanceTypeOf(spec: LaunchSpec): _InstanceType {
  const { instanceType } = labelOptions(spec);
  if (instanceType) return instanceType as _InstanceType;
  throw new CloudError('NP_CLOUD_FATAL', `label ${spec.label.name}: it has no instance type`, {
    hint: 'give the label instance-type, or fleet',
  });
}

function profileOf({ name, arn }: { name?: string | undefined; arn?: string | undefined }): {
  Name?: string;
  Arn?: string;
} {
  if (name !== undefined) return { Name: name };
  return arn === undefined ? {} : { Arn: arn };
}

/** Tags that are no texts: the original's go through Python's `str`. */
function asPythonWrites(value: unknown): unknown {
  if (value === true) return 'True';
  if (value === false) return 'False';
  return value === null ? 'None' : value;
}
