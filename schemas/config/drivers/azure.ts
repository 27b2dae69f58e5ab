/**
 * Provider sections of `azure`. Facts: nodepool/driver/azure/config.py.
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
  free,
  secret,
  sections,
  text,
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
  poolReading,
  providerOptions,
  requireCloudImage,
  requireDiskimage,
  requireProviderDiskimage,
  useInternalIp,
} from './common.ts';
import { defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

/** The format that Azure takes. */
const IMAGE_FORMAT = 'vhd';

const galleryImage = (which: string) =>
  z
    .strictObject({
      'gallery-name': demanded(text('Name of the gallery.')),
      name: demanded(text('Name of the image in it.')),
      version: text('Version of the image. Default: the newest.').optional(),
    })
    .describe(`An image of a ${which} gallery.`)
    .optional();

const imageReference = z.strictObject({
  sku: demanded(text('SKU of the image.')),
  publisher: demanded(text('Publisher of the image.')),
  version: demanded(text('Version of the image, or `latest`.')),
  offer: demanded(text('Offer of the image.')),
});

const imageFilter = z.strictObject({
  location: text('Location of the image.').optional(),
  name: text('Name of the image.').optional(),
  tags: free('Tags that the image must have.').optional(),
});

const imageSources = [
  'image-reference',
  'image-id',
  'image-filter',
  'community-gallery-image',
  'shared-gallery-image',
];

const loginOptions = {
  key: text('SSH public key to put on the node.').optional(),
  password: secret('Password of the user.').optional(),
  'generate-password': flag('Make up a password for each node.').default(false),
};

const cloudImage = withFacts(
  z.strictObject({
    name: text('Name for labels to refer to.'),
    username: text('User to log in as.'),
    ...loginOptions,
    'image-reference': imageReference.describe('An image of the marketplace.').optional(),
    'image-id': text('Id of the image.').optional(),
    'image-filter': imageFilter
      .describe('What the image must be; of several the last by name is taken.')
      .optional(),
    'community-gallery-image': galleryImage('community'),
    'shared-gallery-image': galleryImage('shared'),
    ...interpreterOptions,
    ...connectionOptions,
  }),
  { check: all(atMostOne(...imageSources), atLeastOne(...imageSources)) },
);

const diskimage = z.strictObject({
  name: text('A top-level disk image, not abstract.'),
  username: text("User to log in as. Default: the disk image's.").optional(),
  pause: flag('Upload no new builds.').default(false),
  ...loginOptions,
  ...interpreterOptions,
  ...connectionOptions,
  tags: free('Tags of the image.').default({}),
});

const label = z.strictObject({
  name: text('A top-level label.'),
  'cloud-image': text('Boot from this entry of `cloud-images`.').optional(),
  diskimage: text('Boot from this entry of `diskimages`; wins over `cloud-image`.').optional(),
  'hardware-profile': z
    .strictObject({ 'vm-size': demanded(text('Size of the machine.')) })
    .describe('The kind of machine.'),
  tags: free('Tags of the machine.').default({}),
  'dynamic-tags': dynamic('Tags of the machine').default({}),
  'user-data': text('User data of the machine.').optional(),
  'custom-data': text('Custom data of the machine.').optional(),
  'volume-size': whole('Size of the root volume, in GB.').optional(),
});

const pool = z.strictObject({
  ...poolOptions,
  // Python Nodepool's loader breaks without it, though its validator does not ask for it.
  'max-servers': whole('Most nodes at once. 0: the pool is disabled.'),
  ipv4: flag("Give machines a private IPv4 address. Default: the provider's.").optional(),
  ipv6: flag("Give machines a private IPv6 address. Default: the provider's.").optional(),
  'public-ipv4': flag("Give machines a public IPv4 address. Default: the provider's.").optional(),
  'public-ipv6': flag("Give machines a public IPv6 address. Default: the provider's.").optional(),
  'use-internal-ip': useInternalIp().optional(),
  'host-key-checking': hostKeyChecking().optional(),
  labels: demanded(sections(label, 'Labels that the pool offers.')),
});

const network = z.union([
  z.string(),
  z.strictObject({
    'resource-group': text("Its resource group. Default: the provider's.").optional(),
    network: text('Its name.').optional(),
    subnet: text('Subnet in it. Default: `default`.').optional(),
  }),
]);

const schema = z.strictObject({
  ...providerOptions,
  location: text('Azure location.'),
  'resource-group': text('Resource group for everything that is made.'),
  'resource-group-location': text('Location of the resource group.'),
  'auth-path': demanded(
    text('JSON file with the service principal. Default: what AZURE_AUTH_LOCATION says.'),
  ),
  'subnet-id': text('Subnet of the machines; wins over `network`.').optional(),
  network: network.describe('Network of the machines, by name or in full.').optional(),
  ipv4: flag('Default of the pools.').optional(),
  ipv6: flag('Default of the pools.').optional(),
  'public-ipv4': flag('Default of the pools.').default(true),
  'public-ipv6': flag('Default of the pools.').default(false),
  'use-internal-ip': useInternalIp().default(false),
  'host-key-checking': hostKeyChecking().default(true),
  rate: fraction('Calls per second. 0: no limit.').default(1),
  ...launchOptions(120),
  'post-upload-hook': text('Command to run after each upload.').optional(),
  'zuul-public-key': text('Deprecated: default of `key` of the cloud images.').optional(),
  'cloud-images': sections(cloudImage, 'Images that exist in Azure.').default([]),
  diskimages: sections(diskimage, 'Disk images to upload.').default([]),
  pools: demandedPools(pool),
});

type Section = z.output<typeof schema>;
type Pool = z.output<typeof pool>;
type Label = z.output<typeof label>;
type ImageOptions = CamelKeys<
  Pick<
    z.output<typeof cloudImage>,
    | 'image-reference'
    | 'image-id'
    | 'image-filter'
    | 'community-gallery-image'
    | 'shared-gallery-image'
  >
>;

interface LoginOptions {
  readonly key: string | undefined;
  readonly password: string | undefined;
  readonly generatePassword: boolean;
}

export interface AzureOptions {
  readonly location: string;
  readonly resourceGroup: string;
  readonly resourceGroupLocation: string;
  readonly authPath: string | undefined;
  readonly subnetId: string | undefined;
  readonly network: z.output<typeof network> | undefined;
  readonly postUploadHook: string | undefined;
}

export type AzureCloudImageOptions = ImageOptions & LoginOptions;

export type AzureDiskimageOptions = LoginOptions & {
  readonly tags: Readonly<Record<string, unknown>>;
};

export interface AzurePoolOptions {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly publicIpv4: boolean;
  readonly publicIpv6: boolean;
}

/** `userData` and `customData` as they stand in the file, not yet encoded. */
export type AzureLabelOptions = CamelKeys<Omit<Label, 'name' | 'cloud-image' | 'diskimage'>>;

function readCloudImages(section: Section, context: ReadContext): Map<string, ProviderImage> {
  const images = section['cloud-images'].map((image) => {
    const options: AzureCloudImageOptions = {
      imageReference: image['image-reference'],
      imageId: image['image-id'],
      imageFilter: image['image-filter'],
      communityGalleryImage: image['community-gallery-image'],
      sharedGalleryImage: image['shared-gallery-image'],
      key: image.key ?? section['zuul-public-key'],
      password: image.password,
      generatePassword: image['generate-password'],
    };
    return imageReading(image, options);
  });
  return byName(images, ['cloud-images'], context);
}

function readDiskimages(section: Section, context: ReadContext): Map<string, ProviderImage> {
  const images = section.diskimages.map((image, index) => {
    requireDiskimage(image.name, ['diskimages', index, 'name'], context);
    context.addFormat(image.name, IMAGE_FORMAT);
    const options: AzureDiskimageOptions = {
      key: image.key,
      password: image.password,
      generatePassword: image['generate-password'],
      tags: image.tags,
    };
    const username = image.username ?? context.diskimages.get(image.name)?.username;
    return imageReading({ ...image, username }, options);
  });
  return byName(images, ['diskimages'], context);
}

/** A public address of a family needs a private one of it; without any family it is IPv4. */
function addresses(one: Pool, section: Section): AzurePoolOptions {
  const publicIpv4 = one['public-ipv4'] ?? section['public-ipv4'];
  const publicIpv6 = one['public-ipv6'] ?? section['public-ipv6'];
  const wantsIpv4 = (one.ipv4 ?? section.ipv4 ?? false) || publicIpv4;
  const ipv6 = (one.ipv6 ?? section.ipv6 ?? false) || publicIpv6;
  return { ipv4: wantsIpv4 || !ipv6, ipv6, publicIpv4, publicIpv6 };
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
): PoolConfig<AzurePoolOptions> {
  const { context } = scope;
  const isChecking = one['host-key-checking'] ?? section['host-key-checking'];
  const labels = labelReadings(one.labels ?? [], [...path, 'labels'], context, (entry, place) => {
    requireCloudImage(entry['cloud-image'], scope.cloudImages, place, context);
    requireProviderDiskimage(entry.diskimage, scope.diskimages, place, context);
    const reading: PoolLabel<AzureLabelOptions> = {
      name: entry.name,
      cloudImage: entry['cloud-image'],
      diskimage: entry.diskimage,
      hostKeyChecking: isChecking,
      consoleLog: false,
      options: camelKeys(without(entry, 'name', 'cloud-image', 'diskimage')),
    };
    return reading;
  });
  const options = addresses(one, section);
  const common = poolReading(section, one, {
    limits: limitsOf({ instances: one['max-servers'] }),
    labels,
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
  const options: AzureOptions = {
    location: section.location,
    resourceGroup: section['resource-group'],
    resourceGroupLocation: section['resource-group-location'],
    authPath: section['auth-path'] ?? context.environment.AZURE_AUTH_LOCATION,
    subnetId: section['subnet-id'],
    network: section.network,
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

export const azureSection: AnyDriverSection = defineDriver({
  name: 'azure',
  about: 'Virtual machines of Microsoft Azure.',
  managesImages: true,
  schema,
  read,
});
