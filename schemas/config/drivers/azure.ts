/**
 * Provider sections of `azure`. Facts: nodepool/driver/azure/config.py.
 */
import { z } from 'zod';

import {
  demanded,
  exactlyOne,
  flag,
  free,
  secret,
  sections,
  text,
  whole,
  withFacts,
} from '../kit.ts';
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
  dynamic,
  providerOptions,
  timingOptions,
  timingReading,
} from './parts/provider.ts';
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

const imageReference = () =>
  z.strictObject({
    sku: demanded(text('SKU of the image.')),
    publisher: demanded(text('Publisher of the image.')),
    version: demanded(text('Version of the image, or `latest`.')),
    offer: demanded(text('Offer of the image.')),
  });

const imageFilter = () =>
  z.strictObject({
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

const loginOptions = () => ({
  key: text('SSH public key to put on the node.').optional(),
  password: secret('Password of the user.').optional(),
  'generate-password': flag('Make up a password for each node.').default(false),
});

const cloudImage = () =>
  withFacts(
    z.strictObject({
      name: text('Name for labels to refer to.'),
      username: text('User to log in as.'),
      ...loginOptions(),
      'image-reference': imageReference().describe('An image of the marketplace.').optional(),
      'image-id': text('Id of the image.').optional(),
      'image-filter': imageFilter()
        .describe('What the image must be; of several the last by name is taken.')
        .optional(),
      'community-gallery-image': galleryImage('community'),
      'shared-gallery-image': galleryImage('shared'),
      ...interpreterOptions,
      ...connectionOptions,
    }),
    { check: exactlyOne(...imageSources) },
  );

const diskimage = () =>
  z.strictObject({
    ...diskimageUserOptions(),
    ...loginOptions(),
    ...interpreterOptions,
    ...connectionOptions,
    tags: free('Tags of the image.').default({}),
  });

const label = () =>
  z.strictObject({
    ...bootLabelOptions(),
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

const pool = () =>
  z.strictObject({
    ...poolOptions,
    ...requiredMaxServers(),
    ipv4: poolFlag('Give machines a private IPv4 address.'),
    ipv6: poolFlag('Give machines a private IPv6 address.'),
    'public-ipv4': poolFlag('Give machines a public IPv4 address.'),
    'public-ipv6': poolFlag('Give machines a public IPv6 address.'),
    ...accessOptions(),
    labels: demanded(labelList(label())),
  });

const network = () =>
  z.union([
    z.string(),
    z.strictObject({
      'resource-group': text("Its resource group. Default: the provider's.").optional(),
      network: text('Its name.').optional(),
      subnet: text('Subnet in it. Default: `default`.').optional(),
    }),
  ]);

const schema = () =>
  z.strictObject({
    ...providerOptions,
    location: text('Azure location.'),
    'resource-group': text('Resource group for everything that is made.'),
    'resource-group-location': text('Location of the resource group.'),
    'auth-path': demanded(
      text('JSON file with the service principal. Default: what AZURE_AUTH_LOCATION says.'),
    ),
    'subnet-id': text('Subnet of the machines; wins over `network`.').optional(),
    network: network().describe('Network of the machines, by name or in full.').optional(),
    ipv4: poolDefault().optional(),
    ipv6: poolDefault().optional(),
    'public-ipv4': poolDefault().default(true),
    'public-ipv6': poolDefault().default(false),
    ...accessDefaults(),
    ...timingOptions({ bootTimeoutSeconds: 120, callsPerSecond: 1 }),
    'post-upload-hook': text('Command to run after each upload.').optional(),
    'zuul-public-key': text('Deprecated: default of `key` of the cloud images.').optional(),
    'cloud-images': sections(cloudImage(), 'Images that exist in Azure.').default([]),
    diskimages: sections(diskimage(), 'Disk images to upload.').default([]),
    pools: demandedPools(pool()),
  });

type Section = z.output<ReturnType<typeof schema>>;
type Pool = z.output<ReturnType<typeof pool>>;

export interface AzureOptions {
  readonly location: string;
  readonly resourceGroup: string;
  readonly resourceGroupLocation: string;
  readonly authPath: string | undefined;
  readonly subnetId: string | undefined;
  readonly network: Section['network'];
}

export type AzureCloudImageOptions = ImageOptions<z.output<ReturnType<typeof cloudImage>>>;

export type AzureDiskimageOptions = ImageOptions<z.output<ReturnType<typeof diskimage>>>;

export interface AzurePoolOptions {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly publicIpv4: boolean;
  readonly publicIpv6: boolean;
}

/** `userData` and `customData` as they stand in the file, not yet encoded. */
export type AzureLabelOptions = LabelOptions<z.output<ReturnType<typeof label>>>;

/** A public address of a family needs a private one of it; without any family it is IPv4. */
function addresses(one: Pool, section: Section): AzurePoolOptions {
  const publicIpv4 = one['public-ipv4'] ?? section['public-ipv4'];
  const publicIpv6 = one['public-ipv6'] ?? section['public-ipv6'];
  const wantsIpv4 = (one.ipv4 ?? section.ipv4 ?? false) || publicIpv4;
  const ipv6 = (one.ipv6 ?? section.ipv6 ?? false) || publicIpv6;
  return { ipv4: wantsIpv4 || !ipv6, ipv6, publicIpv4, publicIpv6 };
}

function read(section: Section, context: ReadContext) {
  const cloudImages = cloudImageReadings(section['cloud-images'], context, (image) => {
    const key = image.key ?? section['zuul-public-key'];
    return { ...imageOptions(image), key } satisfies AzureCloudImageOptions;
  });
  const diskimages = diskimageReadings(
    section.diskimages,
    { context, format: IMAGE_FORMAT },
    (image): AzureDiskimageOptions => imageOptions(image),
  );
  const hostKeyChecking = section['host-key-checking'];
  const scope = { cloudImages, diskimages, context, hostKeyChecking };
  const pools = poolReadings(section.pools, context, (one, path) =>
    poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels: bootLabelReadings(one, path, scope, (entry): AzureLabelOptions =>
        labelOptions(entry),
      ),
      useInternalIp: one['use-internal-ip'] ?? section['use-internal-ip'],
      options: addresses(one, section),
    }),
  );
  const options: AzureOptions = {
    location: section.location,
    resourceGroup: section['resource-group'],
    resourceGroupLocation: section['resource-group-location'],
    authPath: section['auth-path'] ?? context.environment.AZURE_AUTH_LOCATION,
    subnetId: section['subnet-id'],
    network: section.network,
  };
  return { ...timingReading(section), diskimages, cloudImages, pools, options };
}

export const azureSection: AnyDriverSection = defineDriver({
  name: 'azure',
  about: 'Virtual machines of Microsoft Azure.',
  managesImages: true,
  schema,
  read,
});
