/**
 * Provider sections of `openshift` and `openshiftpods`.
 *
 * Facts: nodepool/driver/openshift/config.py, nodepool/driver/openshiftpods/config.py.
 */
import { z } from 'zod';

import { anyList, text, whole } from '../kit.ts';
import { fixedTiming } from './parts/provider.ts';
import { podLabel, podPools, podProviderOptions, readPodPools } from './pods.ts';
import type { LabelTypes, PodPoolSection, PodProviderOptions } from './pods.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ProviderReading, ReadContext } from './section.ts';

const pullSecrets = () => anyList('Secrets for pulling the image.').default([]);

const projectLabel = () =>
  podLabel({
    type: text('What is made: `project` or `pod`.'),
    'image-pull-secrets': pullSecrets(),
  });

const onlyPodLabel = () =>
  podLabel({
    type: text('Only `pod`, which need not be said.').optional(),
    'image-pull-secrets': pullSecrets(),
  });

const clusterOptions = () => ({
  ...podProviderOptions(),
  context: text('Context of the kube config.'),
  'max-projects': whole('Most projects of a pool; wins over `max-servers`.').optional(),
});

const projects = () => z.strictObject({ ...clusterOptions(), pools: podPools(projectLabel()) });

const onlyPods = () =>
  z.strictObject({
    ...clusterOptions(),
    'max-pods': whole('Most pods of a pool; wins over `max-servers`.').optional(),
    pools: podPools(onlyPodLabel()),
  });

type Section = z.output<ReturnType<typeof projects>> & { 'max-pods'?: number | undefined };

const projectTypes: LabelTypes = {
  types: ['project', 'pod'],
  otherwise: 'project',
  hasOwnSpaces: true,
};
const podTypes: LabelTypes = { types: ['pod'], otherwise: 'pod', hasOwnSpaces: false };

function reading(
  section: Section,
  pools: readonly PodPoolSection[] | undefined,
  known: LabelTypes,
  context: ReadContext,
): ProviderReading {
  const most = section['max-projects'] ?? section['max-pods'] ?? section['max-servers'];
  const options: PodProviderOptions = { context: section.context };
  return {
    ...NO_IMAGES,
    ...fixedTiming,
    launchRetries: section['launch-retries'],
    pools: readPodPools({ ...section, 'max-servers': most }, pools, known, context),
    options,
  };
}

export const openshiftSection: AnyDriverSection = defineDriver({
  name: 'openshift',
  about: 'Projects of an OpenShift cluster, and pods in projects of their own.',
  managesImages: false,
  schema: projects,
  read: (section, context) => reading(section, section.pools, projectTypes, context),
});

export const openshiftPodsSection: AnyDriverSection = defineDriver({
  name: 'openshiftpods',
  about: 'Pods in one project of an OpenShift cluster.',
  managesImages: false,
  schema: onlyPods,
  read: (section, context) => {
    const pools = (section.pools ?? []).map((pool, index) => ({
      ...pool,
      labels: (pool.labels ?? []).map((label, place) => {
        if (label.type !== undefined)
          context.strict(
            ['pools', index, 'labels', place, 'type'],
            'is always pod here: leave it out',
          );
        if (label.image === undefined && label.spec === undefined)
          context.strict(['pools', index, 'labels', place], 'needs image or spec');
        return { ...label, type: 'pod' };
      }),
    }));
    return reading({ ...section, pools }, pools, podTypes, context);
  },
});
