/**
 * Provider sections of `gce`. Facts: nodepool/driver/gce/config.py.
 */
import { z } from 'zod';

import { camelKeys, without } from '../camel.ts';
import type { CamelKeys } from '../camel.ts';
import { demanded, flag, fraction, loose, sections, text, whole, withFacts } from '../kit.ts';
import type { PoolLabel, ProviderImage } from '../model.ts';
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
} from './common.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const cloudImage = z.strictObject({
  name: text('Name for labels to refer to.'),
  'image-id': loose('Id of the image; wins over `image-family`.').optional(),
  'image-project': text('Project of the image family.').optional(),
  'image-family': text('Family of images; the newest is taken.').optional(),
  username: text('User to log in as.').optional(),
  key: text('SSH public key to put on the node.').optional(),
  ...interpreterOptions,
  ...connectionOptions,
});

const label = z.strictObject({
  name: text('A top-level label.'),
  'cloud-image': demanded(text('Boot from this entry of `cloud-images`.')),
  'instance-type': text('Machine type.'),
  'volume-type': text('Type of the root disk.').default('pd-standard'),
  'volume-size': whole('Size of the root disk, in GB.').default(10),
});

const pool = z.strictObject({
  ...poolOptions,
  'use-internal-ip': flag('Connect to the private address.').default(false),
  'host-key-checking': hostKeyChecking().default(true),
  labels: demanded(sections(label, 'Labels that the pool offers.')),
});

const schema = z.strictObject({
  ...providerOptions,
  region: demanded(text('Region of the machines.')),
  project: demanded(text('Project of the machines.')),
  zone: demanded(text('Zone of the machines.')),
  rate: fraction('Calls per second. 0: no limit.').default(2),
  'rate-limit': withFacts(whole('Without effect.').optional(), {
    ignored: 'the option that counts is rate',
  }),
  ...launchOptions(60),
  'cloud-images': sections(cloudImage, 'Images that exist in the cloud.').default([]),
  pools: demandedPools(pool),
});

type Section = z.output<typeof schema>;
type CloudImage = z.output<typeof cloudImage>;

export interface GceOptions {
  readonly region: string | undefined;
  readonly project: string | undefined;
  readonly zone: string | undefined;
}

export type GceCloudImageOptions = CamelKeys<
  Pick<CloudImage, 'image-id' | 'image-project' | 'image-family' | 'key'>
>;

export type GceLabelOptions = CamelKeys<Omit<z.output<typeof label>, 'name' | 'cloud-image'>>;

function readCloudImages(section: Section, context: ReadContext): Map<string, ProviderImage> {
  const images = section['cloud-images'].map((image) => {
    const options: GceCloudImageOptions = {
      imageId: image['image-id'],
      imageProject: image['image-project'],
      imageFamily: image['image-family'],
      key: image.key,
    };
    return imageReading(image, options);
  });
  return byName(images, ['cloud-images'], context);
}

function read(section: Section, context: ReadContext) {
  const cloudImages = readCloudImages(section, context);
  const pools = (section.pools ?? []).map((one, index) => {
    const path = ['pools', index, 'labels'];
    const labels = labelReadings(one.labels ?? [], path, context, (entry, place) => {
      requireCloudImage(entry['cloud-image'], cloudImages, place, context);
      const reading: PoolLabel<GceLabelOptions> = {
        name: entry.name,
        cloudImage: entry['cloud-image'],
        diskimage: undefined,
        hostKeyChecking: one['host-key-checking'],
        consoleLog: false,
        options: camelKeys(without(entry, 'name', 'cloud-image')),
      };
      return reading;
    });
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels,
      useInternalIp: one['use-internal-ip'],
      options: undefined,
    });
  });
  const { region, project, zone } = section;
  const options: GceOptions = { region, project, zone };
  return {
    ...launchReading(section),
    callsPerSecond: callsPerSecond(section.rate),
    diskimages: NO_IMAGES,
    cloudImages,
    pools: [...byName(pools, ['pools'], context).values()],
    options,
  };
}

export const gceSection: AnyDriverSection = defineDriver({
  name: 'gce',
  about: 'Instances of Google Compute Engine.',
  managesImages: false,
  schema,
  read,
});
