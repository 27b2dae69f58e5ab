/**
 * Provider sections of `test`: nodes that are ready at once and are nothing.
 *
 * Facts: nodepool/driver/test/config.py.
 */
import { z } from 'zod';

import { texts, withFacts } from '../kit.ts';
import { plainLabel, requireLabel } from './parts/label.ts';
import { limitsOf, poolList, poolOptions, poolReading, poolReadings } from './parts/pool.ts';
import { fixedTiming, providerOptions } from './parts/provider.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const pool = () =>
  z.strictObject({
    ...poolOptions,
    labels: withFacts(texts('Labels that the pool offers.'), { mustNotBeEmpty: true }),
  });

const schema = () => z.strictObject({ ...providerOptions, pools: poolList(pool()).default([]) });

function read(section: z.output<ReturnType<typeof schema>>, context: ReadContext) {
  const pools = poolReadings(section.pools, context, (one, path) => {
    one.labels.forEach((name, place) => {
      requireLabel(name, [...path, 'labels', place], context);
    });
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels: new Map(one.labels.map((name) => [name, plainLabel(name, { options: undefined })])),
      options: undefined,
    });
  });
  return { ...NO_IMAGES, ...fixedTiming, launchRetries: 3, pools, options: undefined };
}

export const testSection: AnyDriverSection = defineDriver({
  name: 'test',
  about: 'Nodes for tests, which are ready at once and are nothing.',
  managesImages: false,
  schema,
  read,
});
