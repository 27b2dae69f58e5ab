/**
 * Provider sections of `example`, the driver that driver authors start from.
 *
 * Facts: nodepool/driver/example/config.py.
 */
import { z } from 'zod';

import { demanded, loose, sections, text, whole } from '../kit.ts';
import { cloudImageReadings, connectionOptions, imageOptions } from './parts/image.ts';
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
import { accessDefaults, callsPerSecond, fixedTiming, providerOptions } from './parts/provider.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const cloudImage = () =>
  z.strictObject({
    name: text('Name for labels to refer to.'),
    'image-id': loose('Id of the image in the cloud.').optional(),
    username: text('User to log in as.').optional(),
    key: text('SSH public key to put on the node.').optional(),
    'python-path': text('Python on the node; `auto` lets Ansible find it.').default('auto'),
    ...connectionOptions,
  });

const label = () =>
  z.strictObject({
    name: text('A top-level label.'),
    'cloud-image': demanded(text('Boot from this entry of `cloud-images`.')),
    'instance-type': text('Kind of machine.'),
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
    'rate-limit': whole('Calls per second. 0: no limit.').default(1),
    'boot-timeout': whole('Seconds for the key scan once a node has its address.').default(60),
    'launch-retries': whole('Launch attempts in all.').default(3),
    'cloud-images': sections(cloudImage(), 'Images that exist in the cloud.').default([]),
    pools: demandedPools(pool()),
  });

export interface ExampleOptions {
  readonly region: string | undefined;
  readonly project: string | undefined;
}

export type ExampleCloudImageOptions = ImageOptions<z.output<ReturnType<typeof cloudImage>>>;

export type ExampleLabelOptions = LabelOptions<z.output<ReturnType<typeof label>>>;

function read(section: z.output<ReturnType<typeof schema>>, context: ReadContext) {
  const cloudImages = cloudImageReadings(
    section['cloud-images'],
    context,
    (image): ExampleCloudImageOptions => imageOptions(image),
  );
  const pools = poolReadings(section.pools, context, (one, path) => {
    const hostKeyChecking = one['host-key-checking'];
    const scope = { ...NO_IMAGES, cloudImages, context, hostKeyChecking };
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels: bootLabelReadings(one, path, scope, (entry): ExampleLabelOptions =>
        labelOptions(entry),
      ),
      useInternalIp: one['use-internal-ip'],
      options: undefined,
    });
  });
  const options: ExampleOptions = { region: section.region, project: section.project };
  return {
    ...NO_IMAGES,
    ...fixedTiming,
    bootTimeoutSeconds: section['boot-timeout'],
    launchRetries: section['launch-retries'],
    callsPerSecond: callsPerSecond(section['rate-limit']),
    cloudImages,
    pools,
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
