/** What launches into a namespace and into a project of its own have in common. */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import type { Instance, LaunchSpec, PlannedSpec } from '../driver.ts';
import type { Accounts } from './accounts.ts';
import type { Cluster } from './client/cluster.ts';
import type { Pod } from './client/objects.ts';
import type { Access } from './connection.ts';
import { createSpace } from './creation.ts';
import { cloudName } from './driver.ts';
import { attemptName } from './ids.ts';
import { kubeLabels, labelOptions, podRequest } from './pod-request.ts';
import type { Pods } from './pods.ts';
import { labelQuota } from './quota.ts';
import type { Spaces } from './spaces.ts';

export interface SpaceLaunchOptions {
  readonly config: ProviderConfig;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly spaces: Spaces;
  readonly accounts: Accounts;
  readonly pods: Pods;
}

/** A namespace or project that is there. */
export interface MadeSpace {
  readonly name: string;
  /** Of all that is made for the node. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What a launch has come to. */
export interface Made {
  readonly space: MadeSpace;
  readonly access: Access;
  /** Undefined: the node is the namespace or project. */
  readonly pod: Pod | undefined;
}

/** Of a node's namespace or project. */
export function spaceName({ pool, nodeId, attempt }: PlannedSpec): string {
  return attemptName({ before: pool.name, nodeId, attempt });
}

/** Reports the name, then makes what has it. */
export async function makeSpace(
  { config, spaces, clock }: SpaceLaunchOptions,
  spec: LaunchSpec,
  signal: AbortSignal,
): Promise<MadeSpace> {
  const { nodeId } = spec;
  const name = spaceName(spec);
  const labels = kubeLabels(spec);
  const owner = { provider: config.name, nodeId };
  await spec.created(name);
  await createSpace({ spaces, clock }, { name, labels, owner }, signal);
  return { name, labels };
}

/** Resolves with the node's pod when it runs. It has the label's name. */
export async function makePod(
  { cluster, pods }: SpaceLaunchOptions,
  space: MadeSpace,
  wish: { readonly label: LaunchSpec['label']; readonly hasPullSecrets: boolean },
  signal: AbortSignal,
): Promise<Pod> {
  const { name: namespace, labels } = space;
  const { name } = wish.label;
  await pods.create(cluster.pods(namespace), podRequest({ name, labels, ...wish }), signal);
  return pods.untilRunning({ namespace, name }, signal);
}

/** What all such nodes have in their records, but how they are reached. */
export function instanceBase(
  { config }: SpaceLaunchOptions,
  { label }: LaunchSpec,
  { space, pod }: Made,
): Instance {
  const { pythonPath, shellType } = labelOptions(label);
  return {
    externalId: space.name,
    interfaceIp: pod?.metadata?.name ?? null,
    cloud: cloudName(config),
    // Nobody logs in: Zuul takes null for "as I like".
    username: null,
    resources: labelQuota(label),
    pythonPath,
    shellType: shellType ?? null,
  };
}
