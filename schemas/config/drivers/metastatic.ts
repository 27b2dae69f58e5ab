/**
 * Provider sections of `metastatic`: slots on nodes that other providers make.
 *
 * Facts: nodepool/driver/metastatic/config.py.
 */
import { isDeepStrictEqual } from 'node:util';

import { z } from 'zod';

import { demanded, flag, text, whole } from '../kit.ts';
import type { Path } from '../kit.ts';
import { labelReadings, plainLabel } from './parts/label.ts';
import {
  demandedPools,
  labelList,
  limitsOf,
  poolOptions,
  poolReading,
  poolReadings,
} from './parts/pool.ts';
import {
  hostKeyChecking,
  providerOptions,
  timingOptions,
  timingReading,
} from './parts/provider.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const label = () =>
  z.strictObject({
    name: text('A top-level label.'),
    'backing-label': text('Label of the nodes that are divided.'),
    'max-parallel-jobs': whole('Slots of a backing node.').default(1),
    'grace-time': whole('Seconds that an idle backing node is kept.').default(60),
    'min-retention-time': whole('Seconds that a backing node is kept at least.').default(0),
    'max-age': whole(
      'Seconds after which a backing node gives no new slots. Default: never.',
    ).optional(),
    'host-key-checking': flag("Instead of the pool's.").optional(),
  });

const pool = () =>
  z.strictObject({
    ...poolOptions,
    'host-key-checking': hostKeyChecking().default(false),
    labels: demanded(labelList(label())),
  });

const schema = () =>
  z.strictObject({
    ...providerOptions,
    ...timingOptions({ bootTimeoutSeconds: 120, callsPerSecond: 1 }),
    pools: demandedPools(pool()),
  });

type Label = z.output<ReturnType<typeof label>>;

/** How a backing node is used; equal for all labels with the same backing label. */
export interface MetastaticLabelOptions {
  readonly backingLabel: string;
  readonly maxParallelJobs: number;
  readonly graceTimeSeconds: number;
  readonly minRetentionTimeSeconds: number;
  readonly maxAgeSeconds: number | undefined;
}

function readLabel(entry: Label): MetastaticLabelOptions {
  return {
    backingLabel: entry['backing-label'],
    maxParallelJobs: entry['max-parallel-jobs'],
    graceTimeSeconds: entry['grace-time'],
    minRetentionTimeSeconds: entry['min-retention-time'],
    maxAgeSeconds: entry['max-age'] === 0 ? undefined : entry['max-age'],
  };
}

function checkBacking(
  options: MetastaticLabelOptions,
  path: Path,
  known: Map<string, MetastaticLabelOptions>,
  context: ReadContext,
): void {
  const { backingLabel, maxAgeSeconds, minRetentionTimeSeconds } = options;
  if (maxAgeSeconds !== undefined && maxAgeSeconds < minRetentionTimeSeconds)
    context.error([...path, 'max-age'], 'must not be less than min-retention-time');
  const before = known.get(backingLabel);
  if (before !== undefined && !isDeepStrictEqual(before, options))
    context.error(
      [...path, 'backing-label'],
      `all labels on ${backingLabel} must agree in max-parallel-jobs, grace-time, min-retention-time and max-age`,
    );
  known.set(backingLabel, options);
}

function read(section: z.output<ReturnType<typeof schema>>, context: ReadContext) {
  const known = new Map<string, MetastaticLabelOptions>();
  const pools = poolReadings(section.pools, context, (one, path) => {
    const place = [...path, 'labels'];
    const labels = labelReadings(one.labels ?? [], place, context, (entry, labelPath) => {
      const options = readLabel(entry);
      checkBacking(options, labelPath, known, context);
      const isChecking = entry['host-key-checking'] ?? one['host-key-checking'];
      return plainLabel(entry.name, { hostKeyChecking: isChecking, options });
    });
    return poolReading(section, one, {
      limits: limitsOf({ instances: one['max-servers'] }),
      labels,
      options: undefined,
    });
  });
  return { ...NO_IMAGES, ...timingReading(section), pools, options: undefined };
}

export const metastaticSection: AnyDriverSection = defineDriver({
  name: 'metastatic',
  about: 'Slots on nodes that other providers make.',
  managesImages: false,
  schema,
  read,
});
