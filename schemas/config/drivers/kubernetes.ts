/**
 * Provider sections of `kubernetes`. Facts: nodepool/driver/kubernetes/config.py.
 */
import { z } from 'zod';

import { demanded, sections, text } from '../kit.ts';
import { byName, demandedPools } from './common.ts';
import { podLabel, podPoolOptions, podProviderOptions, podTiming, readPodPools } from './pods.ts';
import type { PodProviderOptions } from './pods.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const label = podLabel({ type: text('What is made: `namespace` or `pod`.') });

const pool = z.strictObject({
  ...podPoolOptions,
  labels: demanded(sections(label, 'Labels that the pool offers.')),
});

const schema = z.strictObject({
  ...podProviderOptions,
  context: text(
    "Context of the kube config. Default: the cluster's own, or the current one.",
  ).optional(),
  pools: demandedPools(pool),
});

function read(section: z.output<typeof schema>, context: ReadContext) {
  const options: PodProviderOptions = { context: section.context };
  const pools = readPodPools(section, section.pools ?? [], context);
  return {
    ...podTiming,
    launchRetries: section['launch-retries'],
    diskimages: NO_IMAGES,
    cloudImages: NO_IMAGES,
    pools: [...byName(pools, ['pools'], context).values()],
    options,
  };
}

export const kubernetesSection: AnyDriverSection = defineDriver({
  name: 'kubernetes',
  about: 'Namespaces and pods of a Kubernetes cluster.',
  managesImages: false,
  schema,
  read,
});
