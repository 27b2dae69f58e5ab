/**
 * One launch, from Kubernetes' point of view:
 *
 *   report the name -> namespace -+-> role -> binding
 *                                 +-> service account -+-> secret -> token
 *                                                      +-> pod (labels of type `pod`) -> it runs
 *
 * What stands below each other runs at the same time. All of it is in the namespace, and goes with it.
 */
import { throwIfAborted } from '../../base/wait.ts';
import type { Instance, LaunchSpec, PlannedSpec } from '../driver.ts';
import { unlessTaken } from '../pods/accounts.ts';
import type { Pod } from '../pods/client/objects.ts';
import { workerConnection, type Access } from '../pods/connection.ts';
import { labelOptions } from '../pods/pod-request.ts';
import {
  instanceBase,
  makePod,
  makeSpace,
  spaceName,
  type Made,
  type MadeSpace,
  type SpaceLaunchOptions,
} from '../pods/space-launch.ts';
import { together } from '../pods/together.ts';
import { workerBinding, workerRole } from './roles.ts';

export class Launches {
  readonly #options: SpaceLaunchOptions;

  constructor(options: SpaceLaunchOptions) {
    this.#options = options;
  }

  plannedId(spec: PlannedSpec): string {
    return spaceName(spec);
  }

  async run(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const space = await makeSpace(this.#options, spec, signal);
    const [, [access, pod]] = await together(
      signal,
      (inner) => this.#permit(space, hasPod(spec), inner),
      (inner) => this.#furnish(space, spec, inner),
    );
    return this.#instanceOf(spec, { space, access, pod });
  }

  async #permit({ name }: MadeSpace, isForPod: boolean, signal: AbortSignal): Promise<void> {
    const { cluster } = this.#options;
    await unlessTaken(cluster.roles(name).create(workerRole(isForPod), signal));
    const binding = workerBinding(name, isForPod);
    await unlessTaken(cluster.roleBindings(name).create(binding, signal));
  }

  async #furnish(
    space: MadeSpace,
    spec: LaunchSpec,
    signal: AbortSignal,
  ): Promise<readonly [Access, Pod | undefined]> {
    const { accounts } = this.#options;
    const wish = { label: spec.label, hasPullSecrets: false };
    await accounts.create(space.name, signal);
    return together<[Access, Pod | undefined]>(
      signal,
      (inner) => accounts.access(space.name, inner),
      async (inner) =>
        hasPod(spec) ? makePod(this.#options, space, wish, inner) : Promise.resolve(undefined),
    );
  }

  #instanceOf(spec: LaunchSpec, made: Made): Instance {
    const { cluster: place } = this.#options;
    const { space, access, pod } = made;
    const podName = pod?.metadata?.name;
    return {
      ...instanceBase(this.#options, spec, made),
      hostId: pod?.spec?.nodeName ?? null,
      connectionType: pod === undefined ? 'namespace' : 'kubectl',
      connectionPort: {
        name: space.name,
        ...workerConnection({ place, namespace: space.name, access, pod: podName }),
      },
    };
  }
}

/** Whatever is no namespace is a pod, as in the original. */
function hasPod({ label }: LaunchSpec): boolean {
  return labelOptions(label).type !== 'namespace';
}
