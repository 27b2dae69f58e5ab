/**
 * Provider sections of `test`: nodes that are ready at once and are nothing.
 *
 * Facts: nodepool/driver/test/config.py.
 */
import { z } from 'zod';

import { texts, withFacts } from '../kit.ts';
import {
  byName,
  limitsOf,
  poolList,
  poolOptions,
  poolReading,
  providerOptions,
  requireLabel,
} from './common.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const pool = z.strictObject({
  ...poolOptions,
  labels: withFacts(texts('Labels that the pool offers.'), { mustNotBeEmpty: true }),
});

const schema = z.strictObject({ ...providerOptions, pools: poolList(pool).default([]) });

function read(section: z.output<typeof schema>, context: ReadContext) {
  const pools = section.pools.map((one, index) => {
    one.labels.forEach((name, place) => {
      requireLabel(name, ['pools', index, 'labels', place], context);
    });
    const labels = one.labels.map((name) => ({
      name,
      cloudImage: undefined,
      diskimage: undefined,
      hostKeyChecking: false,
      consoleLog: false,
      options: undefined,
    }));
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels: new Map(labels.map((label) => [label.name, label])),
      options: undefined,
    });
  });
  return {
    bootTimeoutSeconds: 60,
    launchTimeoutSeconds: 3600,
    launchRetries: 3,
    callsPerSecond: Infinity,
    diskimages: NO_IMAGES,
    cloudImages: NO_IMAGES,
    pools: [...byName(pools, ['pools'], context).values()],
    options: undefined,
  };
}

export const testSection: AnyDriverSection = defineDriver({
  name: 'test',
  about: 'Nodes for tests, which are ready at once and are nothing.',
  managesImages: false,
  schema,
  read,
});
