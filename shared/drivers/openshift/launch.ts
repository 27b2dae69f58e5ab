/**
 * One launch, from OpenShift's point of view:
 *
 *   report the name -> project -> service account -+-> role binding
 *                                                  +-> secret -> token
 *                                                  +-> pod (labels of type `pod`) -> it runs
 *
 * What stands below each other runs at the same time. All of it is in the project, and goes with it.
 */
import { throwIfAborted } from '../../base/wait.ts';
import type { Instance, LaunchSpec, PlannedSpec } from '../driver.ts';
import { unlessTaken } from '../pods/accounts.ts';
import type { OpenShiftRoleBinding, Pod } from '../pods/client/objects.ts';
import { WORKER, workerConnection, type Access } from '../pods/connection.ts';
import { labelOptions } from '../pods/pod-request.ts';
import {
  instanceBase,
  makePod,
  makeSpace,
  spaceName,
  type Made,
  type SpaceLaunchOptions,
} from '../pods/space-launch.ts';
import { together } from '../pods/together.ts';
import { onceLetIn } from './let-in.ts';

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
    const { accounts, clock } = this.#options;
    const wish = { label: spec.label, hasPullSecrets: true };
    const space = await makeSpace(this.#options, spec, signal);
    await onceLetIn(clock, signal, () => accounts.create(space.name, signal));
    const [access, pod] = await together<[Access, Pod | undefined, unknown]>(
      signal,
      (inner) => accounts.access(space.name, inner),
      async (inner) =>
        hasPod(spec) ? makePod(this.#options, space, wish, inner) : Promise.resolve(undefined),
      (inner) => this.#permit(space.name, inner),
    );
    return this.#instanceOf(spec, { space, access, pod });
  }

  #permit(project: string, signal: AbortSignal): Promise<void> {
    const { cluster } = this.#options;
    const bindings = cluster.openShiftRoleBindings(project);
    return unlessTaken(bindings.create(adminBinding(project), signal));
  }

  #instanceOf(spec: LaunchSpec, made: Made): Instance {
    const { cluster: place } = this.#options;
    const { space, access, pod } = made;
    const podName = pod?.metadata?.name;
    return {
      ...instanceBase(this.#options, spec, made),
      connectionType: pod === undefined ? 'project' : 'kubectl',
      connectionPort: workerConnection({ place, namespace: space.name, access, pod: podName }),
    };
  }
}

/** Whatever is no pod is a project, as in the original. */
function hasPod({ label }: LaunchSpec): boolean {
  return labelOptions(label).type === 'pod';
}

/** Facts: prepareProject of nodepool/driver/openshift/provider.py. */
function adminBinding(project: string): OpenShiftRoleBinding {
  return {
    apiVersion: 'authorization.openshift.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'admin-0' },
    roleRef: { name: 'admin' },
    subjects: [{ kind: 'ServiceAccount', name: WORKER, namespace: project }],
    userNames: [`system:serviceaccount:${project}:${WORKER}`],
  };
}
