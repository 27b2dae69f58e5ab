/**
 * Provider sections of `aws`. Facts: nodepool/driver/aws/config.py.
 */
import { z } from 'zod';

import { camelKeys, without } from '../camel.ts';
import type { CamelKeys } from '../camel.ts';
import {
  all,
  amounts,
  atLeastOne,
  atMostOne,
  demanded,
  flag,
  fraction,
  free,
  sections,
  text,
  texts,
  whole,
  withFacts,
} from '../kit.ts';
import type { Path } from '../kit.ts';
import type { PoolConfig, PoolLabel, ProviderImage } from '../model.ts';
import {
  byName,
  callsPerSecond,
  connectionOptions,
  demandedPools,
  dynamic,
  hostKeyChecking,
  imageReading,
  interpreterOptions,
  labelReadings,
  launchOptions,
  launchReading,
  limitsOf,
  poolOptions,
  poolQuotaOptions,
  poolReading,
  providerOptions,
  requireCloudImage,
  requireDiskimage,
  requireProviderDiskimage,
  useInternalIp,
} from './common.ts';
import { defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const filter = z.strictObject({
  name: text('Name of the filter.').optional(),
  Name: text('The same.').optional(),
  values: texts('Values that it takes.').optional(),
  Values: texts('The same.').optional(),
});

const cloudImage = withFacts(
  z.strictObject({
    name: text('Name for labels to refer to.'),
    username: text('User to log in as.'),
    'image-id': text('Id of the AMI.').optional(),
    'image-filters': z
      .array(filter)
      .describe('Filters; the newest AMI that fits is taken.')
      .optional(),
    ...interpreterOptions,
    ...connectionOptions,
  }),
  { check: all(atMostOne('image-id', 'image-filters'), atLeastOne('image-id', 'image-filters')) },
);

const diskimage = z.strictObject({
  name: text('A top-level disk image, not abstract.'),
  username: text("User to log in as. Default: the disk image's.").optional(),
  pause: flag('Upload no new builds.').default(false),
  ...interpreterOptions,
  ...connectionOptions,
  architecture: text('Architecture of the AMI.').default('x86_64'),
  'ena-support': flag('The image has the driver for enhanced networking.').default(true),
  'volume-size': whole("Size of the root volume, in GiB. Default: the snapshot's.").optional(),
  'volume-type': text('Type of the root volume.').default('gp3'),
  iops: whole('I/O operations per second of the root volume.').optional(),
  throughput: whole('Throughput of the root volume, in MiB/s.').optional(),
  'import-method': z
    .enum(['snapshot', 'ebs-direct', 'image'])
    .describe('How the image gets into AWS.')
    .default('snapshot'),
  'imds-support': z
    .enum(['v2.0'])
    .nullable()
    .describe('Metadata service that the AMI demands.')
    .default(null),
  tags: free('Tags of the image.').default({}),
});

const fleet = z.strictObject({
  'instance-types': demanded(texts('Instance types to choose from.')),
  'allocation-strategy': demanded(
    z
      .enum([
        'prioritized',
        'price-capacity-optimized',
        'capacity-optimized',
        'diversified',
        'lowest-price',
      ])
      .describe('How AWS chooses.'),
  ),
});

const label = withFacts(
  z.strictObject({
    name: text('A top-level label.'),
    'cloud-image': text('Boot from this entry of `cloud-images`.').optional(),
    diskimage: text('Boot from the newest upload of this entry of `diskimages`.').optional(),
    'instance-type': text('Instance type.').optional(),
    fleet: fleet.describe('Let AWS choose among instance types.').optional(),
    'key-name': demanded(text('SSH key pair.')),
    'ebs-optimized': flag('Dedicated throughput to EBS.').default(false),
    'volume-type': text('Type of the root volume.').optional(),
    'volume-size': whole('Size of the root volume, in GiB.').optional(),
    iops: whole('I/O operations per second of the root volume.').optional(),
    throughput: whole('Throughput of the root volume, in MiB/s.').optional(),
    userdata: text('User data of the instance.').optional(),
    'iam-instance-profile': withFacts(
      z.strictObject({ name: text('Its name.').optional(), arn: text('Its ARN.').optional() }),
      { check: atMostOne('name', 'arn') },
    )
      .describe('IAM profile of the instance.')
      .optional(),
    imdsv2: z
      .enum(['required', 'optional'])
      .nullable()
      .describe('Whether the instance takes only version 2 of the metadata service.')
      .default(null),
    'use-spot': flag('Take spot instances.').default(false),
    'dedicated-host': flag('Allocate a host for the instance.').default(false),
    tags: free('Tags of the instance.').default({}),
    'dynamic-tags': dynamic('Tags of the instance').default({}),
  }),
  { check: all(atMostOne('cloud-image', 'diskimage'), atMostOne('instance-type', 'fleet')) },
);

const pool = z.strictObject({
  ...poolOptions,
  ...poolQuotaOptions,
  'max-resources': amounts("Limits by AWS quota code, over the provider's.").default({}),
  'security-group-id': text('Security group of the instances.').optional(),
  'subnet-id': text('Subnet of the instances.').optional(),
  'availability-zone': text('Zone of the instances.').optional(),
  'public-ipv4': flag("Give instances a public IPv4 address. Default: the provider's.").optional(),
  'public-ip-address': flag('Old name of `public-ipv4`; wins over it.').optional(),
  'public-ipv6': flag("Give instances a public IPv6 address. Default: the provider's.").optional(),
  'use-internal-ip': useInternalIp().optional(),
  'host-key-checking': hostKeyChecking().optional(),
  labels: demanded(sections(label, 'Labels that the pool offers.')),
});

const schema = z.strictObject({
  ...providerOptions,
  'region-name': demanded(text('AWS region.')),
  'profile-name': text('Profile of the AWS credentials.').optional(),
  rate: fraction('Calls per second. 0: no limit.').default(2),
  ...launchOptions(180),
  'max-servers': whole('Default of the pools.').optional(),
  'max-cores': whole('Default of the pools.').optional(),
  'max-ram': whole('Default of the pools, in MiB.').optional(),
  'max-resources': amounts('Default of the pools, by AWS quota code.').default({}),
  'object-storage': z
    .strictObject({ 'bucket-name': demanded(text('S3 bucket.')) })
    .describe('Where images are put on their way into AWS.')
    .optional(),
  'image-format': z
    .enum(['ova', 'vhd', 'vhdx', 'vmdk', 'raw'])
    .describe('Format of uploads.')
    .default('raw'),
  'image-import-timeout': whole(
    "Seconds to go on trying while AWS's import limits are reached. Default: fail at once.",
  ).optional(),
  'post-upload-hook': text('Command to run after each upload.').optional(),
  'use-internal-ip': useInternalIp().default(false),
  'host-key-checking': hostKeyChecking().default(true),
  'public-ipv4': flag('Default of the pools.').default(true),
  'public-ipv6': flag('Default of the pools.').default(false),
  'cloud-images': sections(cloudImage, 'Images that exist in AWS.').default([]),
  diskimages: sections(diskimage, 'Disk images to upload.').default([]),
  pools: demandedPools(pool),
});

type Section = z.output<typeof schema>;
type Pool = z.output<typeof pool>;
type Label = z.output<typeof label>;
type Login =
  'name' | 'username' | 'python-path' | 'shell-type' | 'connection-type' | 'connection-port';

export interface AwsOptions {
  readonly regionName: string | undefined;
  readonly profileName: string | undefined;
  readonly bucketName: string | undefined;
  readonly imageFormat: string;
  readonly imageImportTimeoutSeconds: number | undefined;
  readonly postUploadHook: string | undefined;
}

export type AwsDiskimageOptions = CamelKeys<Omit<z.output<typeof diskimage>, Login | 'pause'>>;

export interface AwsCloudImageOptions {
  readonly imageId: string | undefined;
  readonly imageFilters: readonly { name: string; values: readonly string[] }[] | undefined;
}

export interface AwsPoolOptions {
  readonly securityGroupId: string | undefined;
  readonly subnetId: string | undefined;
  readonly publicIpv4: boolean;
  readonly publicIpv6: boolean;
}

export type AwsLabelOptions = CamelKeys<Omit<Label, 'name' | 'cloud-image' | 'diskimage'>>;

function readDiskimages(section: Section, context: ReadContext): Map<string, ProviderImage> {
  const images = section.diskimages.map((image, index) => {
    const path = ['diskimages', index];
    requireDiskimage(image.name, [...path, 'name'], context);
    context.addFormat(image.name, section['image-format']);
    if (image['imds-support'] === 'v2.0' && image['import-method'] === 'image')
      context.error([...path, 'imds-support'], 'needs import-method snapshot or ebs-direct');
    const username = image.username ?? context.diskimages.get(image.name)?.username;
    const options: AwsDiskimageOptions = camelKeys(
      without(
        image,
        'name',
        'username',
        'python-path',
        'shell-type',
        'connection-type',
        'connection-port',
        'pause',
      ),
    );
    return imageReading({ ...image, username }, options);
  });
  return byName(images, ['diskimages'], context);
}

function readCloudImages(section: Section, context: ReadContext): Map<string, ProviderImage> {
  const images = section['cloud-images'].map((image) => {
    const options: AwsCloudImageOptions = {
      imageId: image['image-id'],
      imageFilters: image['image-filters']?.map((one) => ({
        name: one.name ?? one.Name ?? '',
        values: one.values ?? one.Values ?? [],
      })),
    };
    return imageReading(image, options);
  });
  return byName(images, ['cloud-images'], context);
}

interface Images {
  readonly cloudImages: ReadonlyMap<string, ProviderImage>;
  readonly diskimages: ReadonlyMap<string, ProviderImage>;
}

function readPool(
  one: Pool,
  path: Path,
  section: Section,
  scope: Images & { context: ReadContext },
): PoolConfig<AwsPoolOptions> {
  const { context } = scope;
  const isChecking = one['host-key-checking'] ?? section['host-key-checking'];
  const labels = labelReadings(one.labels ?? [], [...path, 'labels'], context, (entry, place) => {
    requireCloudImage(entry['cloud-image'], scope.cloudImages, place, context);
    requireProviderDiskimage(entry.diskimage, scope.diskimages, place, context);
    checkDedicatedHost(entry, one, place, context);
    const reading: PoolLabel<AwsLabelOptions> = {
      name: entry.name,
      cloudImage: entry['cloud-image'],
      diskimage: entry.diskimage,
      hostKeyChecking: isChecking,
      consoleLog: false,
      options: camelKeys(without(entry, 'name', 'cloud-image', 'diskimage')),
    };
    return reading;
  });
  const options: AwsPoolOptions = {
    securityGroupId: one['security-group-id'],
    subnetId: one['subnet-id'],
    publicIpv4: one['public-ip-address'] ?? one['public-ipv4'] ?? section['public-ipv4'],
    publicIpv6: one['public-ipv6'] ?? section['public-ipv6'],
  };
  const zone = one['availability-zone'];
  const common = poolReading(section, one, {
    limits: limitsOf(
      {
        instances: one['max-servers'] ?? section['max-servers'],
        cores: one['max-cores'] ?? section['max-cores'],
        ram: one['max-ram'] ?? section['max-ram'],
      },
      { ...section['max-resources'], ...one['max-resources'] },
    ),
    labels,
    availabilityZones: zone === undefined ? [] : [zone],
    useInternalIp: one['use-internal-ip'] ?? section['use-internal-ip'],
    options,
  });
  return { ...common, options };
}

function checkDedicatedHost(label: Label, owner: Pool, path: Path, context: ReadContext): void {
  if (!label['dedicated-host']) return;
  const place = [...path, 'dedicated-host'];
  if (label['use-spot']) context.error(place, 'cannot be combined with use-spot');
  else if ((owner['availability-zone'] ?? '') === '')
    context.error(place, 'needs an availability-zone in the pool');
}

function read(section: Section, context: ReadContext) {
  const images = {
    cloudImages: readCloudImages(section, context),
    diskimages: readDiskimages(section, context),
  };
  const scope = { ...images, context };
  const pools = (section.pools ?? []).map((one, index) =>
    readPool(one, ['pools', index], section, scope),
  );
  const options: AwsOptions = {
    regionName: section['region-name'],
    profileName: section['profile-name'],
    bucketName: section['object-storage']?.['bucket-name'],
    imageFormat: section['image-format'],
    imageImportTimeoutSeconds: section['image-import-timeout'],
    postUploadHook: section['post-upload-hook'],
  };
  return {
    ...launchReading(section),
    ...images,
    callsPerSecond: callsPerSecond(section.rate),
    pools: [...byName(pools, ['pools'], context).values()],
    options,
  };
}

export const awsSection: AnyDriverSection = defineDriver({
  name: 'aws',
  about: 'Instances of Amazon EC2.',
  managesImages: true,
  schema,
  read,
});
