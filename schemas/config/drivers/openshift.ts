/**
 * Provider sections of `openshift` and `openshiftpods`.
 *
 * Facts: nodepool/driver/openshift/config.py, nodepool/driver/openshiftpods/config.py.
 */
import { z } from 'zod';

import { anyList, demanded, sections, text, whole } from '../kit.ts';
import { byName, demandedPools } from './common.ts';
import { podLabel, podPoolOptions, podProviderOptions, podTiming, readPodPools } from './pods.ts';
import type { PodPoolSection, PodProviderOptions } from './pods.ts';
import { NO_IMAGES, defineDriver } from './section.ts';
import type { AnyDriverSection, ProviderReading, ReadContext } from './section.ts';

const pullSecrets = anyList('Secrets for pulling the image.').default([]);

const projectLabel = podLabel({
  type: text('What is made: `project` or `pod`.'),
  'image-pull-secrets': pullSecrets,
});

const onlyPodLabel = podLabel({
  type: text('Only `pod`, which need not be said.').optional(),
  'image-pull-secrets': pullSecrets,
});

const clusterContext = text('Context of the kube config.');
const maxProjects = whole('Most projects of a pool; wins over `max-servers`.').optional();

const projects = z.strictObject({
  ...podProviderOptions,
  context: clusterContext,
  'max-projects': maxProjects,
  pools: demandedPools(
    z.strictObject({
      ...podPoolOptions,
      labels: demanded(sections(projectLabel, 'Labels that the pool offers.')),
    }),
  ),
});

const onlyPods = z.strictObject({
  ...podProviderOptions,
  context: clusterContext,
  'max-projects': maxProjects,
  'max-pods': whole('Most pods of a pool; wins over `max-servers`.').optional(),
  pools: demandedPools(
    z.strictObject({
      ...podPoolOptions,
      labels: demanded(sections(onlyPodLabel, 'Labels that the pool offers.')),
    }),
  ),
});

type Section = z.output<typeof projects> & { 'max-pods'?: number | undefined };

function reading(
  section: Section,
  pools: readonly PodPoolSection[],
  context: ReadContext,
): ProviderReading {
  const most = section['max-projects'] ?? section['max-pods'] ?? section['max-servers'];
  const read = readPodPools({ ...section, 'max-servers': most }, pools, context);
  const options: PodProviderOptions = { context: section.context };
  return {
    ...podTiming,
    launchRetries: section['launch-retries'],
    diskimages: NO_IMAGES,
    cloudImages: NO_IMAGES,
    pools: [...byName(read, ['pools'], context).values()],
    options,
  };
}

export const openshiftSection: AnyDriverSection = defineDriver({
  name: 'openshift',
  about: 'Projects of an OpenShift cluster, and pods in projects of their own.',
  managesImages: false,
  schema: projects,
  read: (section, context) => reading(section, section.pools ?? [], context),
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
        return { ...label, type: 'pod' };
      }),
    }));
    return reading({ ...section, pools }, pools, context);
  },
});
