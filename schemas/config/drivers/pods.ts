/**
 * What `kubernetes`, `openshift` and `openshiftpods` share: pools and labels of pods.
 *
 * Facts: nodepool/driver/{kubernetes,openshift,openshiftpods}/config.py.
 */
import { z } from 'zod';

import {
  amounts,
  anyList,
  demanded,
  flag,
  fraction,
  free,
  loose,
  text,
  whole,
  withFacts,
} from '../kit.ts';
import type { Facts, Path } from '../kit.ts';
import type { PoolConfig, PoolLabel } from '../model.ts';
import type { Quota } from '../../quota.ts';
import { interpreterOptions } from './parts/image.ts';
import { labelReadings, plainLabel } from './parts/label.ts';
import {
  demandedPools,
  labelList,
  poolOptions,
  poolQuotaOptions,
  poolReading,
  poolReadings,
  quotaDefaults,
  quotaReading,
} from './parts/pool.ts';
import { dynamic, providerOptions } from './parts/provider.ts';
import { labelNameProblem, poolNameProblem, providerNameProblem } from './pod-names.ts';
import type { ReadContext } from './section.ts';

/** Options of a label beside a whole pod spec. */
const besideSpec = new Set(['name', 'type', 'spec', 'labels', 'dynamic-labels', 'annotations']);

const checkSpec: Facts['check'] = (value, report) => {
  if (value.spec === undefined) return;
  for (const name of Object.keys(value))
    if (!besideSpec.has(name)) report([name], 'has no place beside spec, which is the whole pod');
};

const environmentEntry = () =>
  withFacts(
    z.looseObject({ name: demanded(text('Its name.')), value: demanded(loose('Its value.')) }),
    {
      check: (value, report) => {
        for (const name of Object.keys(value))
          if (name !== 'name' && name !== 'value')
            report([name], 'is passed on, but only name and value are valid');
      },
    },
  );

const request = (what: string) =>
  whole(`${what} that a pod asks for. Default: the pool's.`).optional();
const limit = (what: string) =>
  whole(`Most ${what} of a pod. Default: the pool's limit, else what it asks for.`).optional();

const podLabelOptions = () => ({
  name: text('A top-level label.'),
  spec: free('The whole pod spec; most other options have no place beside it.').optional(),
  image: text('Container image.').optional(),
  'image-pull': text('When to pull the image: `IfNotPresent`, `Always`, `Never`.').default(
    'IfNotPresent',
  ),
  cpu: request('Cores'),
  memory: request('Memory, in MiB,'),
  storage: request('Ephemeral storage, in MB,'),
  'cpu-limit': limit('cores'),
  'memory-limit': limit('memory, in MiB,'),
  'storage-limit': limit('ephemeral storage, in MB,'),
  gpu: fraction('GPUs of a pod.').optional(),
  'gpu-resource': text('Name of the GPU resource in the cluster.').optional(),
  'extra-resources': amounts('Other resources of a pod, by name.').default({}),
  env: z.array(environmentEntry()).describe('Environment of the container.').default([]),
  'node-selector': free('Labels of the cluster nodes to run on.').optional(),
  privileged: flag('Run the container privileged.').optional(),
  'scheduler-name': text('Scheduler of the pod.').optional(),
  volumes: anyList('Volumes of the pod, as in a pod spec.').optional(),
  'volume-mounts': anyList('Volume mounts of the container, as in a pod spec.').optional(),
  labels: free('Labels of what is made.').optional(),
  'dynamic-labels': dynamic('Labels of what is made').default({}),
  annotations: free('Annotations of what is made.').optional(),
  ...interpreterOptions,
});

export const podLabel = <Shape extends z.ZodRawShape>(shape: Shape) =>
  withFacts(z.strictObject({ ...podLabelOptions(), ...shape }), { check: checkSpec });

const defaultOf = (what: string) => whole(`Default of the labels: ${what}.`).optional();

const podPoolOptions = () => ({
  ...poolOptions,
  ...poolQuotaOptions,
  'max-resources': amounts("Limits of other resources, over the provider's.").default({}),
  'default-label-cpu': defaultOf('cores'),
  'default-label-memory': defaultOf('memory, in MiB'),
  'default-label-storage': defaultOf('ephemeral storage, in MB'),
  'default-label-cpu-limit': defaultOf('most cores'),
  'default-label-memory-limit': defaultOf('most memory, in MiB'),
  'default-label-storage-limit': defaultOf('most ephemeral storage, in MB'),
  'default-label-extra-resources': amounts('Default of the labels: other resources.').default({}),
  // Python Nodepool reads this spelling and ignores the documented one.
  'default-label-extra_resources': amounts('Old spelling of the option above.').default({}),
});

export const podPools = <Label extends z.ZodType>(label: Label) =>
  demandedPools(z.strictObject({ ...podPoolOptions(), labels: demanded(labelList(label)) }));

export const podProviderOptions = () => ({
  ...providerOptions,
  'launch-retries': whole('Launch attempts in all.').default(3),
  ...quotaDefaults('resource name'),
});

export interface PodProviderOptions {
  /** Context of the kube config; undefined: the cluster's own, or the current one. */
  readonly context: string | undefined;
}

export interface PodLabelOptions {
  readonly type: string;
  readonly spec: Readonly<Record<string, unknown>> | undefined;
  readonly image: string | undefined;
  readonly imagePull: string;
  readonly imagePullSecrets: readonly unknown[];
  readonly cpu: number | undefined;
  readonly memoryMib: number | undefined;
  readonly storageMb: number | undefined;
  readonly cpuLimit: number | undefined;
  readonly memoryLimitMib: number | undefined;
  readonly storageLimitMb: number | undefined;
  readonly gpu: number | undefined;
  readonly gpuResource: string | undefined;
  readonly extraResources: Quota;
  readonly env: readonly Readonly<Record<string, unknown>>[];
  readonly nodeSelector: Readonly<Record<string, unknown>> | undefined;
  readonly privileged: boolean | undefined;
  readonly schedulerName: string | undefined;
  readonly volumes: readonly unknown[] | undefined;
  readonly volumeMounts: readonly unknown[] | undefined;
  readonly labels: Readonly<Record<string, unknown>> | undefined;
  readonly dynamicLabels: Readonly<Record<string, unknown>>;
  readonly annotations: Readonly<Record<string, unknown>> | undefined;
  readonly pythonPath: string;
  readonly shellType: string | undefined;
}

export type PodLabelSection = z.output<z.ZodObject<ReturnType<typeof podLabelOptions>>> & {
  type?: string | undefined;
  'image-pull-secrets'?: unknown[] | undefined;
};

export type PodPoolSection = z.output<z.ZodObject<ReturnType<typeof podPoolOptions>>> & {
  labels?: readonly PodLabelSection[] | undefined;
};

interface PodProviderSection {
  name: string;
  priority?: number | undefined;
  'max-servers'?: number | undefined;
  'max-cores'?: number | undefined;
  'max-ram'?: number | undefined;
  'max-resources': Record<string, number>;
}

/** What a label may be, and what it is where it says anything else. */
export interface LabelTypes {
  readonly types: readonly string[];
  readonly otherwise: string;
  /** Each node has a namespace of its own, which begins with the pool's name; else that is its name. */
  readonly hasOwnSpaces: boolean;
}

export function readPodPools(
  section: PodProviderSection,
  pools: readonly PodPoolSection[] | undefined,
  known: LabelTypes,
  context: ReadContext,
): PoolConfig[] {
  warnOf(context, ['name'], providerNameProblem(section.name));
  return poolReadings(pools, context, (one, path) => {
    warnOf(context, [...path, 'name'], poolNameProblem(one.name, known.hasOwnSpaces));
    return poolReading(section, one, {
      limits: quotaReading(one, section),
      labels: labelReadings(one.labels ?? [], [...path, 'labels'], context, (entry, place) => {
        checkLabel(entry, known, place, context);
        return readLabel(entry, one);
      }),
      options: undefined,
    });
  });
}

function warnOf(context: ReadContext, path: Path, problem: string | undefined): void {
  if (problem !== undefined) context.warn(path, problem);
}

function checkLabel(
  entry: PodLabelSection,
  { types, otherwise }: LabelTypes,
  path: Path,
  context: ReadContext,
): void {
  const { type = 'pod', image = '', spec = {}, gpu } = entry;
  const isKnown = types.includes(type);
  if (!isKnown)
    context.warn([...path, 'type'], `is none of ${types.join(', ')}: taken for ${otherwise}`);
  const made = isKnown ? type : otherwise;
  warnOf(context, [...path, 'name'], labelNameProblem(entry.name, made === 'pod'));
  if (made === 'pod' && image === '' && Object.keys(spec).length === 0)
    context.warn(path, 'has neither image nor spec: a cluster takes no such pod');
  if ((gpu === undefined) !== (entry['gpu-resource'] === undefined))
    context.warn(
      [...path, gpu === undefined ? 'gpu-resource' : 'gpu'],
      'has no effect alone: gpu and gpu-resource belong together',
    );
}

function readLabel(entry: PodLabelSection, owner: PodPoolSection): PoolLabel<PodLabelOptions> {
  return plainLabel(entry.name, {
    options: {
      ...resourcesOf(entry, owner),
      type: entry.type ?? 'pod',
      spec: entry.spec,
      image: entry.image,
      imagePull: entry['image-pull'],
      imagePullSecrets: entry['image-pull-secrets'] ?? [],
      gpu: entry.gpu,
      gpuResource: entry['gpu-resource'],
      env: entry.env,
      nodeSelector: entry['node-selector'],
      privileged: entry.privileged,
      schedulerName: entry['scheduler-name'],
      volumes: entry.volumes,
      volumeMounts: entry['volume-mounts'],
      labels: entry.labels,
      dynamicLabels: entry['dynamic-labels'],
      annotations: entry.annotations,
      pythonPath: entry['python-path'],
      shellType: entry['shell-type'],
    },
  });
}

/** A limit is the label's, else the pool's, else what the pod asks for. */
function resourcesOf(entry: PodLabelSection, owner: PodPoolSection) {
  const cpu = entry.cpu ?? owner['default-label-cpu'];
  const memoryMib = entry.memory ?? owner['default-label-memory'];
  const storageMb = entry.storage ?? owner['default-label-storage'];
  return {
    cpu,
    memoryMib,
    storageMb,
    cpuLimit: entry['cpu-limit'] ?? owner['default-label-cpu-limit'] ?? cpu,
    memoryLimitMib: entry['memory-limit'] ?? owner['default-label-memory-limit'] ?? memoryMib,
    storageLimitMb: entry['storage-limit'] ?? owner['default-label-storage-limit'] ?? storageMb,
    extraResources: {
      ...owner['default-label-extra_resources'],
      ...owner['default-label-extra-resources'],
      ...entry['extra-resources'],
    },
  };
}
