/**
 * One launch into a project that is there:
 *
 *   report the name -> pod -> it runs
 *
 * Zuul comes in with what lets us in ourselves.
 */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { ExternalId, Instance, LaunchSpec, PlannedSpec } from '../driver.ts';
import type { Cluster } from '../pods/client/cluster.ts';
import type { Pod } from '../pods/client/objects.ts';
import { ownConnection } from '../pods/connection.ts';
import { cloudName } from '../pods/driver.ts';
import { kubeLabels, labelOptions, podRequest } from '../pods/pod-request.ts';
import type { Pods } from '../pods/pods.ts';
import { labelQuota } from '../pods/quota.ts';
import { createPod, type CreationOptions } from './creation.ts';
import { externalIdOf, podName, type PodPlace } from './ids.ts';
import { ownToken } from './token.ts';

export interface LaunchesOptions extends CreationOptions {
  readonly config: ProviderConfig;
  readonly cluster: Cluster;
  readonly pods: Pods;
}

export class Launches {
  readonly #options: LaunchesOptions;

  constructor(options: LaunchesOptions) {
    this.#options = options;
  }

  plannedId(spec: PlannedSpec): ExternalId {
    return externalIdOf(placeOf(spec));
  }

  async run(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const { config, pods } = this.#options;
    const { nodeId, label } = spec;
    const place = placeOf(spec);
    const body = podRequest({
      ...{ name: place.name, label, hasPullSecrets: true },
      labels: kubeLabels(spec),
    });
    await spec.created(externalIdOf(place));
    const owner = { provider: config.name, nodeId };
    await createPod(this.#options, { place, owner, body }, signal);
    const pod = await pods.untilRunning(place, signal);
    return this.#instanceOf(spec, place, pod, signal);
  }

  async #instanceOf(
    { label }: LaunchSpec,
    place: PodPlace,
    pod: Pod,
    signal: AbortSignal,
  ): Promise<Instance> {
    const { config, cluster } = this.#options;
    const { pythonPath, shellType } = labelOptions(label);
    const token = await ownToken(cluster, signal);
    const { namespace, name } = place;
    return {
      externalId: externalIdOf(place),
      interfaceIp: name,
      hostId: pod.spec?.nodeName ?? null,
      cloud: cloudName(config),
      // Nobody logs in: Zuul takes null for "as I like".
      username: null,
      resources: labelQuota(label),
      pythonPath,
      shellType: shellType ?? null,
      connectionType: 'kubectl',
      connectionPort: ownConnection({
        ...{ place: cluster, namespace, pod: name, token },
        caCrt: cluster.ca(),
      }),
    };
  }
}

function placeOf({ pool, label, nodeId, attempt }: PlannedSpec): PodPlace {
  return { namespace: pool.name, name: podName(label.name, nodeId, attempt) };
}
