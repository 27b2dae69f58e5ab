/**
 * Provider sections of `kubernetes`. Facts: nodepool/driver/kubernetes/config.py.
 */
import { z } from 'zod';

import { text } from '../kit.ts';
import { fixedTiming } from './parts/provider.ts';
import { podLabel, podPools, podProviderOptions, readPodPools } from './pods.ts';
import type { LabelTypes, PodProviderOptions } from './pods.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ReadContext } from './section.ts';

const schema = () =>
  z.strictObject({
    ...podProviderOptions(),
    context: text(
      "Context of the kube config. Default: the cluster's own, or the current one.",
    ).optional(),
    pools: podPools(podLabel({ type: text('What is made: `namespace` or `pod`.') })),
  });

const labelTypes: LabelTypes = {
  types: ['namespace', 'pod'],
  otherwise: 'pod',
  hasOwnSpaces: true,
};

function read(section: z.output<ReturnType<typeof schema>>, context: ReadContext) {
  const options: PodProviderOptions = { context: section.context };
  return {
    ...NO_IMAGES,
    ...fixedTiming,
    launchRetries: section['launch-retries'],
    pools: readPodPools(section, section.pools, labelTypes, context),
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
