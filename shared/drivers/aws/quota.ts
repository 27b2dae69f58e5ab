/**
 * What the account may use, and what instances and their volumes use of it. All pure.
 *
 *   instances:      one each; no limit of AWS
 *   cores, ram:     of the instance type (ram in MiB); no limits of AWS
 *   L-...:          limits of AWS by their codes (quota-codes.ts): virtual processors of a family that
 *                   run at the same time, hosts of a family, sizes (GB) and speeds of volumes of a type
 *
 * An instance on a dedicated host takes the host and no processors: AWS counts the host.
 */
import type { Host, Instance, InstanceTypeInfo, Tag, Volume } from '@aws-sdk/client-ec2';

import type { AwsLabelOptions } from '../../../schemas/config/drivers/aws.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { sumQuota } from '../../cloud/quota.ts';
import { tagRecord } from './client/tags.ts';
import { hostCode, instanceCode, volumeCodes, type Market } from './quota-codes.ts';

/** Service Quotas tells TiB, volumes have GiB; the original takes them for TB and GB. */
const GB_IN_TB = 1000;

/** Codes of the limits that the configured labels come up against. */
export interface ConfiguredCodes {
  readonly instances: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  readonly storage: ReadonlySet<string>;
  readonly iops: ReadonlySet<string>;
}

export function labelOptionsOf({ pools }: ProviderConfig): readonly AwsLabelOptions[] {
  return pools.flatMap(({ labels }) =>
    [...labels.values()].map(({ options }) => options as AwsLabelOptions),
  );
}

/** Types of the instances that nodes of the label may get. */
export function instanceTypesOf({ instanceType, fleet }: AwsLabelOptions): readonly string[] {
  if (instanceType !== undefined && instanceType !== '') return [instanceType];
  return fleet?.['instance-types'] ?? [];
}

export function marketOf({ useSpot }: Pick<AwsLabelOptions, 'useSpot'>): Market {
  return useSpot ? 'spot' : 'onDemand';
}

export function configuredCodes(config: ProviderConfig): ConfiguredCodes {
  const codes = {
    instances: new Set<string>(),
    hosts: new Set<string>(),
    storage: new Set<string>(),
    iops: new Set<string>(),
  };
  for (const options of labelOptionsOf(config)) {
    for (const type of instanceTypesOf(options)) {
      if (options.dedicatedHost) add(codes.hosts, hostCode(type));
      else add(codes.instances, instanceCode(type, marketOf(options)));
    }
    const ofVolume = volumeCodes(options.volumeType ?? '');
    add(codes.storage, ofVolume?.storage);
    add(codes.iops, ofVolume?.iops);
  }
  return codes;
}

export interface AccountFacts {
  readonly codes: ConfiguredCodes;
  /** Limits by code, as Service Quotas tells them. */
  readonly ec2: ReadonlyMap<string, number>;
  readonly ebs: ReadonlyMap<string, number>;
  /** Of the account; empty where nothing of theirs is configured. */
  readonly hosts: Iterable<Host>;
  readonly volumes: Iterable<Volume>;
  /** Ours: its hosts are counted with their nodes. */
  readonly provider: string;
}

/** What is left for instances: without what foreign hosts, and volumes that lie about, take. */
export function limitsFor({ codes, ec2, ebs, hosts, volumes, provider }: AccountFacts): Quota {
  const limits: Record<string, number> = {};
  const put = (code: string, limit: number | undefined): void => {
    if (limit !== undefined) limits[code] = limit;
  };
  for (const code of codes.instances) put(code, ec2.get(code));
  for (const code of codes.hosts) put(code, ec2.get(code));
  for (const code of codes.iops) put(code, ebs.get(code));
  for (const code of codes.storage) {
    const limit = ebs.get(code);
    put(code, limit === undefined ? undefined : limit * GB_IN_TB);
  }
  const used = sumQuota([...foreignHosts(hosts, provider), ...looseVolumes(volumes)]);
  for (const [code, limit] of Object.entries(limits))
    limits[code] = Math.max(0, limit - (used[code] ?? 0));
  return limits;
}

/** What an instance of the type takes, without its volumes. */
export function typeQuota(type: InstanceTypeInfo, market: Market): Quota {
  const { VCpuInfo, MemoryInfo, InstanceType: name = '' } = type;
  const code = instanceCode(name, market);
  return {
    instances: 1,
    cores: VCpuInfo?.DefaultCores ?? 0,
    ram: MemoryInfo?.SizeInMiB ?? 0,
    ...(code !== undefined && { [code]: VCpuInfo?.DefaultVCpus ?? 0 }),
  };
}

/** What an instance with a host of its own takes, without its volumes. */
export function hostQuota(instanceType: string): Quota {
  const code = hostCode(instanceType);
  return { instances: 1, ...(code !== undefined && { [code]: 1 }) };
}

/** What the label says of the root volume, as far as AWS limits it. */
export function labelVolumeQuota(options: AwsLabelOptions): Quota {
  const { volumeType: type, volumeSize: sizeGib, iops } = options;
  return volumeQuota({ type, sizeGib, iops });
}

export interface ListedFacts {
  /** Undefined: AWS tells nothing of it. */
  readonly type: InstanceTypeInfo | undefined;
  /** Those that are not among them are not counted. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Ours. */
  readonly provider: string;
}

/** What a listed instance takes, with its volumes. */
export function instanceQuota(instance: Instance, facts: ListedFacts): Quota {
  const attached = (instance.BlockDeviceMappings ?? []).flatMap(
    ({ Ebs }) => facts.volumes.get(Ebs?.VolumeId ?? '') ?? [],
  );
  return sumQuota([machineQuota(instance, facts), ...attached.map(attachedQuota)]);
}

function machineQuota(instance: Instance, { type, provider }: ListedFacts): Quota {
  const { State, Placement, InstanceType = '', InstanceLifecycle, Tags } = instance;
  // AWS limits what runs.
  if (State?.Name === 'stopped') return { instances: 1 };
  // Our own host is counted with its instance, a foreign one by itself, however much runs on it.
  if (Placement?.HostId) return isOf(provider, Tags) ? hostQuota(InstanceType) : { instances: 1 };
  if (type === undefined) return { instances: 1 };
  return typeQuota(type, marketOf({ useSpot: InstanceLifecycle === 'spot' }));
}

function attachedQuota({ VolumeType, Size, Iops }: Volume): Quota {
  return volumeQuota({ type: VolumeType, sizeGib: Size, iops: Iops });
}

interface VolumeFacts {
  readonly type: string | undefined;
  readonly sizeGib: number | undefined;
  readonly iops: number | undefined;
}

function volumeQuota({ type = '', sizeGib, iops }: VolumeFacts): Quota {
  const codes = volumeCodes(type);
  if (codes === undefined) return {};
  return {
    ...(sizeGib !== undefined && { [codes.storage]: sizeGib }),
    ...(codes.iops !== undefined && iops !== undefined && { [codes.iops]: iops }),
  };
}

/** Ours are counted with their nodes. */
function foreignHosts(hosts: Iterable<Host>, provider: string): Quota[] {
  return [...hosts]
    .filter(({ Tags }) => !isOf(provider, Tags))
    .map(({ HostProperties }) => {
      const code = hostCode(HostProperties?.InstanceType ?? HostProperties?.InstanceFamily ?? '');
      return code === undefined ? {} : { [code]: 1 };
    });
}

/** Of no instance. One that was made for a node is about to be attached, or to be deleted. */
function looseVolumes(volumes: Iterable<Volume>): Quota[] {
  return [...volumes]
    .filter(
      ({ Attachments, State, Tags }) =>
        (Attachments ?? []).length === 0 &&
        State !== 'deleting' &&
        State !== 'deleted' &&
        tagRecord(Tags).nodepool_node_id === undefined,
    )
    .map(attachedQuota);
}

function isOf(provider: string, tags: readonly Tag[] | undefined): boolean {
  return tagRecord(tags).nodepool_provider_name === provider;
}

function add(set: Set<string>, code: string | undefined): void {
  if (code !== undefined) set.add(code);
}
