/**
 * Provider sections of `example`, the driver that driver authors start from.
 *
 * Facts: nodepool/driver/example/config.py.
 */
import { z } from 'zod';

import { demanded, flag, loose, sections, text, whole } from '../kit.ts';
import type { PoolLabel } from '../model.ts';
import {
  byName,
  callsPerSecond,
  connectionOptions,
  demandedPools,
  hostKeyChecking,
  imageReading,
  labelReadings,
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
  'image-id': loose('Id of the image in the cloud.').optional(),
  username: text('User to log in as.').optional(),
  key: text('SSH public key to put on the node.').optional(),
  'python-path': text('Python on the node; `auto` lets Ansible find it.').default('auto'),
  ...connectionOptions,
});

const label = z.strictObject({
  name: text('A top-level label.'),
  'cloud-image': demanded(text('Boot from this entry of `cloud-images`.')),
  'instance-type': text('Kind of machine.'),
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
  'rate-limit': whole('Calls per second. 0: no limit.').default(1),
  'boot-timeout': whole('Seconds for the key scan once a node has its address.').default(60),
  'launch-retries': whole('Launch attempts in all.').default(3),
  'cloud-images': sections(cloudImage, 'Images that exist in the cloud.').default([]),
  pools: demandedPools(pool),
});

export interface ExampleOptions {
  readonly region: string | undefined;
  readonly project: string | undefined;
}

export interface ExampleCloudImageOptions {
  readonly imageId: string | undefined;
  readonly key: string | undefined;
}

export interface ExampleLabelOptions {
  readonly instanceType: string;
}

function read(section: z.output<typeof schema>, context: ReadContext) {
  const images = section['cloud-images'].map((image) => {
    const options: ExampleCloudImageOptions = { imageId: image['image-id'], key: image.key };
    return imageReading(image, options);
  });
  const cloudImages = byName(images, ['cloud-images'], context);
  const pools = (section.pools ?? []).map((one, index) => {
    const path = ['pools', index, 'labels'];
    const labels = labelReadings(one.labels ?? [], path, context, (entry, place) => {
      requireCloudImage(entry['cloud-image'], cloudImages, place, context);
      const reading: PoolLabel<ExampleLabelOptions> = {
        name: entry.name,
        cloudImage: entry['cloud-image'],
        diskimage: undefined,
        hostKeyChecking: one['host-key-checking'],
        consoleLog: false,
        options: { instanceType: entry['instance-type'] },
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
  const options: ExampleOptions = { region: section.region, project: section.project };
  return {
    bootTimeoutSeconds: section['boot-timeout'],
    launchTimeoutSeconds: 3600,
    launchRetries: section['launch-retries'],
    callsPerSecond: callsPerSecond(section['rate-limit']),
    diskimages: NO_IMAGES,
    cloudImages,
    pools: [...byName(pools, ['pools'], context).values()],
    options,
  };
}

export const exampleSection: AnyDriverSection = defineDriver({
  name: 'example',
  about: 'The driver that driver authors start from.',
  managesImages: false,
  schema,
  read,
});
