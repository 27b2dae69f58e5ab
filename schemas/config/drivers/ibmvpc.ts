/**
 * Provider sections of `ibmvpc`. Facts: nodepool/driver/ibmvpc/config.py.
 */
import { z } from 'zod';

import { camelKeys } from '../camel.ts';
import type { CamelKeys } from '../camel.ts';
import { demanded, exactlyOne, flag, sections, text, texts, whole, withFacts } from '../kit.ts';
import type { Path } from '../kit.ts';
import type { Quota } from '../../quota.ts';
import {
  cloudImageReadings,
  connectionOptions,
  diskimageOptions,
  diskimageReadings,
  imageOptions,
  interpreterOptions,
} from './parts/image.ts';
import type { ImageOptions } from './parts/image.ts';
import { bootLabelOptions, bootLabelReadings, labelOptions } from './parts/label.ts';
import type { LabelOptions } from './parts/label.ts';
import {
  demandedPools,
  labelList,
  limitsOf,
  poolDefault,
  poolFlag,
  poolOptions,
  poolReading,
  poolReadings,
  requiredMaxServers,
} from './parts/pool.ts';
import {
  accessDefaults,
  accessOptions,
  providerOptions,
  timingOptions,
  timingReading,
} from './parts/provider.ts';
import { defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const operatingSystem = () =>
  z.strictObject({
    architecture: text('Its architecture.').optional(),
    'dedicated-host-only': flag('Whether it runs on dedicated hosts only.').optional(),
    'display-name': text('Its name for people.').optional(),
    family: text('Its family.').optional(),
    href: text('Its URL.').optional(),
    name: text('Its name.').optional(),
    vendor: text('Its vendor.').optional(),
    version: text('Its version.').optional(),
  });

const imageFilter = () =>
  z.strictObject({
    'operating-system': operatingSystem().describe('What the system must be.').optional(),
    'owner-type': text('`provider` or `user`.').optional(),
    status: text('Status of the image.').optional(),
  });

const imageSources = ['image-href', 'image-id', 'image-name', 'image-filter'];

const cloudImage = () =>
  withFacts(
    z.strictObject({
      name: text('Name for labels to refer to.'),
      username: text('User to log in as.'),
      keys: texts('Names of SSH keys of the region, to put on the node.').optional(),
      'image-href': text('URL of the image.').optional(),
      'image-id': text('Id of the image.').optional(),
      'image-name': text('Name of the image.').optional(),
      'image-filter': imageFilter().describe('What the image must be.').optional(),
      ...interpreterOptions,
      ...connectionOptions,
    }),
    { check: exactlyOne(...imageSources) },
  );

const diskimage = () =>
  z.strictObject({
    ...diskimageOptions(),
    'operating-system': text("Operating system of the image, in IBM's words."),
    ...interpreterOptions,
    ...connectionOptions,
  });

const label = () =>
  z.strictObject({
    ...bootLabelOptions(),
    profile: text('Instance profile.'),
    'user-data': text('User data of the instance.').optional(),
  });

const pool = () =>
  z.strictObject({
    ...poolOptions,
    ...requiredMaxServers(),
    zone: text("Zone of the instances. Default: the provider's.").optional(),
    subnet: text("Subnet of the instances. Default: the provider's.").optional(),
    'public-ipv4': poolFlag('Give instances a floating IP.'),
    ...accessOptions(),
    labels: demanded(labelList(label())),
  });

const quota = () =>
  z.strictObject({
    instances: whole('Most instances.').optional(),
    cores: whole('Most cores.').optional(),
    ram: whole('Most memory, in MiB.').optional(),
  });

const objectStorage = () =>
  z.strictObject({
    'instance-name': demanded(text('Name of the storage instance.')),
    endpoint: demanded(text('URL of the storage.')),
    'bucket-name': demanded(text('Bucket for images.')),
  });

const schema = () =>
  z.strictObject({
    ...providerOptions,
    vpc: text('Virtual private cloud.'),
    region: text('Region of the cloud.'),
    zone: text('Default of the pools.').optional(),
    subnet: text('Default of the pools.').optional(),
    'credentials-file': text("File with the API key. Default: what IBM's SDK finds.").optional(),
    quota: quota().describe('Quota of the account, which the cloud does not tell.').default({}),
    'public-ipv4': poolDefault().default(false),
    ...accessDefaults(),
    ...timingOptions({ bootTimeoutSeconds: 120, callsPerSecond: 1 }),
    'object-storage': objectStorage().describe('Where images are put for import.').optional(),
    'image-format': text('Format of uploads.').default('qcow2'),
    'post-upload-hook': text('Command to run after each upload.').optional(),
    'cloud-images': sections(cloudImage(), 'Images that exist in the cloud.').default([]),
    diskimages: sections(diskimage(), 'Disk images to upload.').default([]),
    pools: demandedPools(pool()),
  });

type Section = z.output<ReturnType<typeof schema>>;
type Pool = z.output<ReturnType<typeof pool>>;

export interface IbmVpcOptions {
  readonly vpc: string;
  readonly region: string;
  readonly credentialsFile: string | undefined;
  readonly quota: Quota;
  readonly objectStorage: CamelKeys<z.output<ReturnType<typeof objectStorage>>> | undefined;
  readonly imageFormat: string;
}

export type IbmVpcCloudImageOptions = ImageOptions<z.output<ReturnType<typeof cloudImage>>>;

export type IbmVpcDiskimageOptions = ImageOptions<z.output<ReturnType<typeof diskimage>>>;

export interface IbmVpcPoolOptions {
  readonly zone: string;
  readonly subnet: string;
  readonly publicIpv4: boolean;
}

export type IbmVpcLabelOptions = LabelOptions<z.output<ReturnType<typeof label>>>;

function poolOptionsOf(
  one: Pool,
  path: Path,
  section: Section,
  context: ReadContext,
): IbmVpcPoolOptions {
  const options: IbmVpcPoolOptions = {
    zone: one.zone ?? section.zone ?? '',
    subnet: one.subnet ?? section.subnet ?? '',
    publicIpv4: one['public-ipv4'] ?? section['public-ipv4'],
  };
  for (const name of ['zone', 'subnet'] as const)
    if (options[name] === '') context.error([...path, name], 'is needed here or in the provider');
  return options;
}

/** Resource groups are named after both, with `_` between them. */
function checkNames(section: Section, context: ReadContext): void {
  const message = 'must have no _, which separates the names in those of resource groups';
  if (section.name.includes('_')) context.strict(['name'], message);
  section.pools?.forEach(({ name }, index) => {
    if (name.includes('_')) context.strict(['pools', index, 'name'], message);
  });
}

function read(section: Section, context: ReadContext) {
  checkNames(section, context);
  const cloudImages = cloudImageReadings(
    section['cloud-images'],
    context,
    (image): IbmVpcCloudImageOptions => imageOptions(image),
  );
  const diskimages = diskimageReadings(
    section.diskimages,
    { context, format: section['image-format'] },
    (image): IbmVpcDiskimageOptions => imageOptions(image),
  );
  const hostKeyChecking = section['host-key-checking'];
  const scope = { cloudImages, diskimages, context, hostKeyChecking };
  const pools = poolReadings(section.pools, context, (one, path) => {
    const labels = bootLabelReadings(one, path, scope, (entry): IbmVpcLabelOptions =>
      labelOptions(entry),
    );
    const options = poolOptionsOf(one, path, section, context);
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels,
      availabilityZones: [options.zone],
      useInternalIp: one['use-internal-ip'] ?? section['use-internal-ip'],
      options,
    });
  });
  const storage = section['object-storage'];
  const options: IbmVpcOptions = {
    vpc: section.vpc,
    region: section.region,
    credentialsFile: section['credentials-file'],
    quota: limitsOf(section.quota),
    objectStorage: storage === undefined ? undefined : camelKeys(storage),
    imageFormat: section['image-format'],
  };
  return { ...timingReading(section), diskimages, cloudImages, pools, options };
}

export const ibmvpcSection: AnyDriverSection = defineDriver({
  name: 'ibmvpc',
  about: 'Instances of IBM Cloud VPC.',
  managesImages: true,
  // Names are short there, have no dots, and are all that tells whose an image is. Python's have only the
  // upload's number, which each build begins anew.
  imageNameFormat: 'npimage-{build_id}-{upload_id}',
  schema,
  read,
});
