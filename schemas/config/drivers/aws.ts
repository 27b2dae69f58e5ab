/**
 * Provider sections of `aws`. Facts: nodepool/driver/aws/config.py.
 */
import { z } from 'zod';

import {
  all,
  amounts,
  atMostOne,
  demanded,
  exactlyOne,
  flag,
  free,
  sections,
  text,
  texts,
  whole,
  withFacts,
} from '../kit.ts';
import type { Path } from '../kit.ts';
import {
  cloudImageReadings,
  connectionOptions,
  diskimageReadings,
  diskimageUserOptions,
  imageOptions,
  interpreterOptions,
} from './parts/image.ts';
import type { ImageOptions } from './parts/image.ts';
import { bootLabelOptions, bootLabelReadings, labelOptions } from './parts/label.ts';
import type { LabelOptions } from './parts/label.ts';
import {
  demandedPools,
  labelList,
  poolDefault,
  poolFlag,
  poolOptions,
  poolQuotaOptions,
  poolReading,
  poolReadings,
  quotaDefaults,
  quotaReading,
} from './parts/pool.ts';
import {
  accessDefaults,
  accessOptions,
  dynamic,
  providerOptions,
  timingOptions,
  timingReading,
} from './parts/provider.ts';
import { defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const filter = () =>
  z.strictObject({
    name: text('Name of the filter.').optional(),
    Name: text('The same.').optional(),
    values: texts('Values that it takes.').optional(),
    Values: texts('The same.').optional(),
  });

const cloudImage = () =>
  withFacts(
    z.strictObject({
      name: text('Name for labels to refer to.'),
      username: text('User to log in as.'),
      'image-id': text('Id of the AMI.').optional(),
      'image-filters': z
        .array(filter())
        .describe('Filters; the newest AMI that fits is taken.')
        .optional(),
      ...interpreterOptions,
      ...connectionOptions,
    }),
    { check: exactlyOne('image-id', 'image-filters') },
  );

const diskimage = () =>
  z.strictObject({
    ...diskimageUserOptions(),
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

const fleet = () =>
  z.strictObject({
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

const label = () =>
  withFacts(
    z.strictObject({
      ...bootLabelOptions(),
      'instance-type': text('Instance type.').optional(),
      fleet: fleet().describe('Let AWS choose among instance types.').optional(),
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

const pool = () =>
  z.strictObject({
    ...poolOptions,
    ...poolQuotaOptions,
    'max-resources': amounts("Limits by AWS quota code, over the provider's.").default({}),
    'security-group-id': text('Security group of the instances.').optional(),
    'subnet-id': text('Subnet of the instances.').optional(),
    'availability-zone': text('Zone of the instances.').optional(),
    'public-ipv4': poolFlag('Give instances a public IPv4 address.'),
    'public-ip-address': flag('Old name of `public-ipv4`; wins over it.').optional(),
    'public-ipv6': poolFlag('Give instances a public IPv6 address.'),
    ...accessOptions(),
    labels: demanded(labelList(label())),
  });

const schema = () =>
  z.strictObject({
    ...providerOptions,
    'region-name': demanded(text('AWS region.')),
    'profile-name': text('Profile of the AWS credentials.').optional(),
    ...timingOptions({ bootTimeoutSeconds: 180, callsPerSecond: 2 }),
    ...quotaDefaults('AWS quota code'),
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
    ...accessDefaults(),
    'public-ipv4': poolDefault().default(true),
    'public-ipv6': poolDefault().default(false),
    'cloud-images': sections(cloudImage(), 'Images that exist in AWS.').default([]),
    diskimages: sections(diskimage(), 'Disk images to upload.').default([]),
    pools: demandedPools(pool()),
  });

type Section = z.output<ReturnType<typeof schema>>;
type Pool = z.output<ReturnType<typeof pool>>;
type Label = z.output<ReturnType<typeof label>>;
type CloudImage = z.output<ReturnType<typeof cloudImage>>;
type Diskimage = z.output<ReturnType<typeof diskimage>>;

export interface AwsOptions {
  readonly regionName: string | undefined;
  readonly profileName: string | undefined;
  readonly bucketName: string | undefined;
  readonly imageFormat: string;
  readonly imageImportTimeoutSeconds: number | undefined;
}

export type AwsDiskimageOptions = ImageOptions<Diskimage>;

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

export type AwsLabelOptions = LabelOptions<Label>;

function cloudImageOptions(image: CloudImage): AwsCloudImageOptions {
  return {
    imageId: image['image-id'],
    imageFilters: image['image-filters']?.map((one) => ({
      name: one.name ?? one.Name ?? '',
      values: one.values ?? one.Values ?? [],
    })),
  };
}

function poolOptionsOf(one: Pool, section: Section): AwsPoolOptions {
  return {
    securityGroupId: one['security-group-id'],
    subnetId: one['subnet-id'],
    publicIpv4: one['public-ip-address'] ?? one['public-ipv4'] ?? section['public-ipv4'],
    publicIpv6: one['public-ipv6'] ?? section['public-ipv6'],
  };
}

function checkImport(image: Diskimage, path: Path, context: ReadContext): void {
  if (image['imds-support'] === 'v2.0' && image['import-method'] === 'image')
    context.error([...path, 'imds-support'], 'needs import-method snapshot or ebs-direct');
}

function checkDedicatedHost(label: Label, owner: Pool, path: Path, context: ReadContext): void {
  if (!label['dedicated-host']) return;
  const place = [...path, 'dedicated-host'];
  if (label['use-spot']) context.error(place, 'cannot be combined with use-spot');
  else if ((owner['availability-zone'] ?? '') === '')
    context.error(place, 'needs an availability-zone in the pool');
}

function read(section: Section, context: ReadContext) {
  const cloudImages = cloudImageReadings(section['cloud-images'], context, cloudImageOptions);
  const diskimages = diskimageReadings(
    section.diskimages,
    { context, format: section['image-format'] },
    (image, path): AwsDiskimageOptions => {
      checkImport(image, path, context);
      return imageOptions(image);
    },
  );
  const hostKeyChecking = section['host-key-checking'];
  const scope = { cloudImages, diskimages, context, hostKeyChecking };
  const pools = poolReadings(section.pools, context, (one, path) => {
    const zone = one['availability-zone'];
    return poolReading(section, one, {
      limits: quotaReading(one, section),
      labels: bootLabelReadings(one, path, scope, (entry, place): AwsLabelOptions => {
        checkDedicatedHost(entry, one, place, context);
        return labelOptions(entry);
      }),
      availabilityZones: zone === undefined ? [] : [zone],
      useInternalIp: one['use-internal-ip'] ?? section['use-internal-ip'],
      options: poolOptionsOf(one, section),
    });
  });
  const options: AwsOptions = {
    regionName: section['region-name'],
    profileName: section['profile-name'],
    bucketName: section['object-storage']?.['bucket-name'],
    imageFormat: section['image-format'],
    imageImportTimeoutSeconds: section['image-import-timeout'],
  };
  return { ...timingReading(section), diskimages, cloudImages, pools, options };
}

export const awsSection: AnyDriverSection = defineDriver({
  name: 'aws',
  about: 'Instances of Amazon EC2.',
  managesImages: true,
  schema,
  read,
});
