/**
 * What is sent to have a pod. Pure.
 *
 * Facts: getPodBodyNodepool and getPodBodyCustom of nodepool/driver/{kubernetes,openshift}/provider.py.
 * Amounts are texts, which Kubernetes reads as it reads numbers.
 */
import type { PodLabelOptions } from '../../../schemas/config/drivers/pods.ts';
import type { PoolLabel } from '../../../schemas/config/model.ts';
import { nodeTags } from '../../cloud/tags.ts';
import type { LaunchSpec } from '../driver.ts';
import type { Pod } from './client/objects.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

/** The container lives until it is deleted; Zuul runs its commands in it. */
const COMMAND = ['/bin/sh', '-c'];
const ARGUMENTS = ['while true; do sleep 30; done;'];

export function labelOptions(label: PoolLabel): PodLabelOptions {
  return label.options as PodLabelOptions;
}

/** The labels of all that is made for a node: the configured ones, dynamic ones, Nodepool's. */
export function kubeLabels({
  label,
  metadata,
  request,
  log,
}: Pick<LaunchSpec, 'label' | 'metadata' | 'request' | 'log'>): Readonly<Record<string, string>> {
  const { labels = {}, dynamicLabels } = labelOptions(label);
  return nodeTags({
    fixed: labels,
    dynamic: dynamicLabels,
    request,
    metadata: { ...metadata, nodepool_node_label: label.name },
    log,
  });
}

export interface PodWish {
  readonly name: string;
  readonly label: PoolLabel;
  /** Of the pod. */
  readonly labels: Readonly<Record<string, string>>;
  /** OpenShift's drivers name them even where there are none. */
  readonly hasPullSecrets: boolean;
}

export function podRequest({ name, label, labels, hasPullSecrets }: PodWish): Pod {
  const options = labelOptions(label);
  const { annotations = {} } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels, annotations: texts(annotations) },
    // What it has to hold is the cluster's to say.
    spec: isFilled(options.spec)
      ? (options.spec as unknown as PodSpec)
      : podSpec(label.name, options, hasPullSecrets),
  };
}

function podSpec(name: string, options: PodLabelOptions, hasPullSecrets: boolean): PodSpec {
  const { nodeSelector, schedulerName, volumes, imagePullSecrets } = options;
  return {
    containers: [container(name, options)],
    ...(hasPullSecrets && {
      imagePullSecrets: imagePullSecrets as NonNullable<PodSpec['imagePullSecrets']>,
    }),
    ...(isFilled(nodeSelector) && { nodeSelector: texts(nodeSelector) }),
    ...(schedulerName !== undefined && schedulerName !== '' && { schedulerName }),
    ...(isFilled(volumes) && { volumes: volumes as NonNullable<PodSpec['volumes']> }),
  };
}

function container(name: string, options: PodLabelOptions): Container {
  const { image, imagePull, env, volumeMounts, privileged } = options;
  const resources = resourcesOf(options);
  return {
    name,
    ...(image !== undefined && { image }),
    imagePullPolicy: imagePull,
    command: COMMAND,
    args: ARGUMENTS,
    env: env as unknown as NonNullable<Container['env']>,
    ...(Object.keys(resources).length > 0 && { resources }),
    ...(isFilled(volumeMounts) && {
      volumeMounts: volumeMounts as NonNullable<Container['volumeMounts']>,
    }),
    ...(privileged !== undefined && { securityContext: { privileged } }),
  };
}

/** An amount of 0 is none. */
function resourcesOf(options: PodLabelOptions): NonNullable<Container['resources']> {
  const { gpu, gpuResource } = options;
  const gpus =
    gpu !== undefined && gpu !== 0 && gpuResource !== undefined && gpuResource !== ''
      ? { [gpuResource]: gpu.toFixed(2) }
      : {};
  const requests = {
    ...amounts(options.cpu, options.memoryMib, options.storageMb),
    ...gpus,
  };
  const limits = {
    ...amounts(options.cpuLimit, options.memoryLimitMib, options.storageLimitMb),
    ...gpus,
  };
  return {
    ...(Object.keys(requests).length > 0 && { requests }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

function amounts(
  cpu: number | undefined,
  memoryMib: number | undefined,
  storageMb: number | undefined,
): Record<string, string> {
  return {
    ...(hasAmount(cpu) && { cpu: String(Math.trunc(cpu)) }),
    ...(hasAmount(memoryMib) && { memory: `${Math.trunc(memoryMib)}Mi` }),
    ...(hasAmount(storageMb) && { 'ephemeral-storage': `${Math.trunc(storageMb)}M` }),
  };
}

function hasAmount(amount: number | undefined): amount is number {
  return amount !== undefined && amount !== 0;
}

function isFilled<T extends object>(value: T | undefined): value is T {
  return value !== undefined && Object.keys(value).length > 0;
}

/** Kubernetes takes texts only. */
function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
