/**
 * Provider sections of `ibmvpc`. Facts: nodepool/driver/ibmvpc/config.py.
 */
import { z } from 'zod';

import { camelKeys, without } from '../camel.ts';
import type { CamelKeys } from '../camel.ts';
import {
  all,
  atLeastOne,
  atMostOne,
  demanded,
  flag,
  fraction,
  sections,
  text,
  texts,
  whole,
  withFacts,
} from '../kit.ts';
import type { Path } from '../kit.ts';
import type { PoolConfig, PoolLabel, ProviderImage } from '../model.ts';
import type { Quota } from '../../quota.ts';
import {
  byName,
  callsPerSecond,
  connectionOptions,
  demandedPools,
  hostKeyChecking,
  imageReading,
  interpreterOptions,
  labelReadings,
  launchOptions,
  launchReading,
  limitsOf,
  poolOptions,
  poolReading,
  providerOptions,
  requireCloudImage,
  requireDiskimage,
  requireProviderDiskimage,
  useInternalIp,
} from './common.ts';
import { defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const operatingSystem = z.strictObject({
  architecture: text('Its architecture.').optional(),
  'dedicated-host-only': flag('Whether it runs on dedicated hosts only.').optional(),
  'display-name': text('Its name for people.').optional(),
  family: text('Its family.').optional(),
  href: text('Its URL.').optional(),
  name: text('Its name.').optional(),
  vendor: text('Its vendor.').optional(),
  version: text('Its version.').optional(),
});

const imageFilter = z.strictObject({
  'operating-system': operatingSystem.describe('What the system must be.').optional(),
  'owner-type': text('`provider` or `user`.').optional(),
  status: text('Status of the image.').optional(),
});

const imageSources = ['image-href', 'image-id', 'image-name', 'image-filter'];

const cloudImage = withFacts(
  z.strictObject({
    name: text('Name for labels to refer to.'),
    username: text('User to log in as.'),
    keys: texts('Ids of SSH keys to put on the node.').optional(),
    'image-href': text('URL of the image.').optional(),
    'image-id': text('Id of the image.').optional(),
    'image-name': text('Name of the image.').optional(),
    'image-filter': imageFilter.describe('What the image must be.').optional(),
    ...interpreterOptions,
    ...connectionOptions,
  }),
  { check: all(atMostOne(...imageSources), atLeastOne(...imageSources)) },
);

const diskimage = z.strictObject({
  name: text('A top-level disk image, not abstract.'),
  'operating-system': text("Operating system of the image, in IBM's words."),
  pause: flag('Upload no new builds.').default(false),
  ...interpreterOptions,
  ...connectionOptions,
});

const label = z.strictObject({
  name: text('A top-level label.'),
  profile: text('Instance profile.'),
  'cloud-image': text('Boot from this entry of `cloud-images`.').optional(),
  diskimage: text('Boot from the newest upload of this entry of `diskimages`.').optional(),
  'user-data': text('User data of the instance.').optional(),
});

const pool = z.strictObject({
  ...poolOptions,
  // Python Nodepool's loader breaks without it, though its validator does not ask for it.
  'max-servers': whole('Most nodes at once. 0: the pool is disabled.'),
  zone: text("Zone of the instances. Default: the provider's.").optional(),
  subnet: text("Subnet of the instances. Default: the provider's.").optional(),
  'public-ipv4': flag("Give instances a floating IP. Default: the provider's.").optional(),
  'use-internal-ip': useInternalIp().optional(),
  'host-key-checking': hostKeyChecking().optional(),
  labels: demanded(sections(label, 'Labels that the pool offers.')),
});

const quota = z.strictObject({
  instances: whole('Most instances.').optional(),
  cores: whole('Most cores.').optional(),
  ram: whole('Most memory, in MiB.').optional(),
});

const objectStorage = z.strictObject({
  'instance-name': demanded(text('Name of the storage instance.')),
  endpoint: demanded(text('URL of the storage.')),
  'bucket-name': demanded(text('Bucket for images.')),
});

const schema = z.strictObject({
  ...providerOptions,
  vpc: text('Virtual private cloud.'),
  region: text('Region of the cloud.'),
  zone: text('Default of the pools.').optional(),
  subnet: text('Default of the pools.').optional(),
  'credentials-file': text("File with the API key. Default: what IBM's SDK finds.").optional(),
  quota: quota.describe('Quota of the account, which the cloud does not tell.').default({}),
  'public-ipv4': flag('Default of the pools.').default(false),
  'use-internal-ip': useInternalIp().default(false),
  'host-key-checking': hostKeyChecking().default(true),
  rate: fraction('Calls per second. 0: no limit.').default(1),
  ...launchOptions(120),
  'object-storage': objectStorage.describe('Where images are put for import.').optional(),
  'image-format': text('Format of uploads.').default('qcow2'),
  'post-upload-hook': text('Command to run after each upload.').optional(),
  'cloud-images': sections(cloudImage, 'Images that exist in the cloud.').default([]),
  diskimages: sections(diskimage, 'Disk images to upload.').default([]),
  pools: demandedPools(pool),
});

type Section = z.output<typeof schema>;
type Pool = z.output<typeof pool>;

export interface IbmVpcOptions {
  readonly vpc: string;
  readonly region: string;
  readonly credentialsFile: string | undefined;
  readonly quota: Quota;
  readonly objectStorage: CamelKeys<z.output<typeof objectStorage>> | undefined;
  readonly imageFormat: string;
  readonly postUploadHook: string | undefined;
}

export type IbmVpcCloudImageOptions = CamelKeys<
  Pick<
    z.output<typeof cloudImage>,
    'keys' | 'image-href' | 'image-id' | 'image-name' | 'image-filter'
  >
>;

export interface IbmVpcDiskimageOptions {
  readonly operatingSystem: string;
}

export interface IbmVpcPoolOptions {
  readonly zone: string;
  readonly subnet: string;
  readonly publicIpv4: boolean;
}

export interface IbmVpcLabelOptions {
  readonly profile: string;
  readonly userData: string | undefined;
}

function readCloudImages(section: Section, context: ReadContext): Map<string, ProviderImage> {
  const images = section['cloud-images'].map((image) => {
    const options: IbmVpcCloudImageOptions = camelKeys(
      without(
        image,
        'name',
        'username',
        'python-path',
        'shell-type',
        'connection-type',
        'connection-port',
      ),
    );
    return imageReading(image, options);
  });
  return byName(images, ['cloud-images'], context);
}

function readDiskimages(section: Section, context: ReadContext): Map<string, ProviderImage> {
  const images = section.diskimages.map((image, index) => {
    requireDiskimage(image.name, ['diskimages', index, 'name'], context);
    context.addFormat(image.name, section['image-format']);
    const options: IbmVpcDiskimageOptions = { operatingSystem: image['operating-system'] };
    const username = context.diskimages.get(image.name)?.username;
    return imageReading({ ...image, username }, options);
  });
  return byName(images, ['diskimages'], context);
}

interface Scope {
  readonly cloudImages: ReadonlyMap<string, ProviderImage>;
  readonly diskimages: ReadonlyMap<string, ProviderImage>;
  readonly context: ReadContext;
}

function readPool(
  one: Pool,
  path: Path,
  section: Section,
  scope: Scope,
): PoolConfig<IbmVpcPoolOptions> {
  const { context } = scope;
  const labels = labelReadings(one.labels ?? [], [...path, 'labels'], context, (entry, place) => {
    requireCloudImage(entry['cloud-image'], scope.cloudImages, place, context);
    requireProviderDiskimage(entry.diskimage, scope.diskimages, place, context);
    const reading: PoolLabel<IbmVpcLabelOptions> = {
      name: entry.name,
      cloudImage: entry['cloud-image'],
      diskimage: entry.diskimage,
      hostKeyChecking: one['host-key-checking'] ?? section['host-key-checking'],
      consoleLog: false,
      options: { profile: entry.profile, userData: entry['user-data'] },
    };
    return reading;
  });
  const options: IbmVpcPoolOptions = {
    zone: one.zone ?? section.zone ?? '',
    subnet: one.subnet ?? section.subnet ?? '',
    publicIpv4: one['public-ipv4'] ?? section['public-ipv4'],
  };
  for (const name of ['zone', 'subnet'] as const)
    if (options[name] === '') context.error([...path, name], 'is needed here or in the provider');
  const common = poolReading(section, one, {
    limits: limitsOf({ instances: one['max-servers'] }),
    labels,
    availabilityZones: [options.zone],
    useInternalIp: one['use-internal-ip'] ?? section['use-internal-ip'],
    options,
  });
  return { ...common, options };
}

function read(section: Section, context: ReadContext) {
  const cloudImages = readCloudImages(section, context);
  const diskimages = readDiskimages(section, context);
  const scope = { cloudImages, diskimages, context };
  const pools = (section.pools ?? []).map((one, index) =>
    readPool(one, ['pools', index], section, scope),
  );
  const storage = section['object-storage'];
  const options: IbmVpcOptions = {
    vpc: section.vpc,
    region: section.region,
    credentialsFile: section['credentials-file'],
    quota: limitsOf(section.quota),
    objectStorage: storage === undefined ? undefined : camelKeys(storage),
    imageFormat: section['image-format'],
    postUploadHook: section['post-upload-hook'],
  };
  return {
    ...launchReading(section),
    callsPerSecond: callsPerSecond(section.rate),
    diskimages,
    cloudImages,
    pools: [...byName(pools, ['pools'], context).values()],
    options,
  };
}

export const ibmvpcSection: AnyDriverSection = defineDriver({
  name: 'ibmvpc',
  about: 'Instances of IBM Cloud VPC.',
  managesImages: true,
  schema,
  read,
});
