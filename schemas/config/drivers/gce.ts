/**
 * Provider sections of `gce`. Facts: nodepool/driver/gce/config.py.
 */
import { z } from 'zod';

import { demanded, loose, sections, text, whole, withFacts } from '../kit.ts';
import {
  cloudImageReadings,
  connectionOptions,
  imageOptions,
  interpreterOptions,
} from './parts/image.ts';
import type { ImageOptions } from './parts/image.ts';
import { bootLabelReadings, labelOptions } from './parts/label.ts';
import type { LabelOptions } from './parts/label.ts';
import {
  demandedPools,
  labelList,
  limitsOf,
  poolOptions,
  poolReading,
  poolReadings,
} from './parts/pool.ts';
import { accessDefaults, providerOptions, timingOptions, timingReading } from './parts/provider.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const cloudImage = () =>
  z.strictObject({
    name: text('Name for labels to refer to.'),
    'image-id': loose('Id of the image; wins over `image-family`.').optional(),
    'image-project': text('Project of the image family.').optional(),
    'image-family': text('Family of images; the newest is taken.').optional(),
    username: text('User to log in as.').optional(),
    key: text('SSH public key to put on the node.').optional(),
    ...interpreterOptions,
    ...connectionOptions,
  });

const label = () =>
  z.strictObject({
    name: text('A top-level label.'),
    'cloud-image': demanded(text('Boot from this entry of `cloud-images`.')),
    'instance-type': text('Machine type.'),
    'volume-type': text('Type of the root disk.').default('pd-standard'),
    'volume-size': whole('Size of the root disk, in GB.').default(10),
  });

const pool = () =>
  z.strictObject({
    ...poolOptions,
    ...accessDefaults(),
    labels: demanded(labelList(label())),
  });

const schema = () =>
  z.strictObject({
    ...providerOptions,
    region: demanded(text('Region of the machines.')),
    project: demanded(text('Project of the machines.')),
    zone: demanded(text('Zone of the machines.')),
    'rate-limit': withFacts(whole('Without effect.').optional(), {
      ignored: 'the option that counts is rate',
    }),
    ...timingOptions({ bootTimeoutSeconds: 60, callsPerSecond: 2 }),
    'cloud-images': sections(cloudImage(), 'Images that exist in the cloud.').default([]),
    pools: demandedPools(pool()),
  });

type Section = z.output<ReturnType<typeof schema>>;

export interface GceOptions {
  readonly region: string | undefined;
  readonly project: string | undefined;
  readonly zone: string | undefined;
}

export type GceCloudImageOptions = ImageOptions<z.output<ReturnType<typeof cloudImage>>>;

export type GceLabelOptions = LabelOptions<z.output<ReturnType<typeof label>>>;

function read(section: Section, context: ReadContext) {
  const cloudImages = cloudImageReadings(
    section['cloud-images'],
    context,
    (image): GceCloudImageOptions => imageOptions(image),
  );
  const pools = poolReadings(section.pools, context, (one, path) => {
    const hostKeyChecking = one['host-key-checking'];
    const scope = { ...NO_IMAGES, cloudImages, context, hostKeyChecking };
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels: bootLabelReadings(one, path, scope, (entry): GceLabelOptions => labelOptions(entry)),
      useInternalIp: one['use-internal-ip'],
      options: undefined,
    });
  });
  const { region, project, zone } = section;
  const options: GceOptions = { region, project, zone };
  return { ...NO_IMAGES, ...timingReading(section), cloudImages, pools, options };
}

export const gceSection: AnyDriverSection = defineDriver({
  name: 'gce',
  about: 'Instances of Google Compute Engine.',
  managesImages: false,
  schema,
  read,
});
