/** Pods that can outlive their nodes, in the projects of the pools. */
import type { LeakableResource, LeakCollector } from '../driver.ts';
import type { Cluster } from '../pods/client/cluster.ts';
import type { Pod } from '../pods/client/objects.ts';
import { isDeleting, isOwnedBy, leakTags, nameOf } from '../pods/ids.ts';
import { LEAKED } from '../pods/leaks.ts';
import { externalIdOf, type PodPlace } from './ids.ts';

export interface LeaksOptions {
  readonly provider: string;
  readonly projects: readonly string[];
  readonly cluster: Cluster;
  readonly deletions: {
    deletePod(place: PodPlace, pod: Pod, signal: AbortSignal): Promise<void>;
  };
}

export class Leaks implements LeakCollector {
  readonly #options: LeaksOptions;

  constructor(options: LeaksOptions) {
    this.#options = options;
  }

  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const { projects, cluster } = this.#options;
    const lists = await Promise.all(
      projects.map(async (namespace) => {
        const pods = await cluster.pods(namespace).list({}, signal);
        return pods.flatMap((pod) => leakable(namespace, pod));
      }),
    );
    return lists.flat();
  }

  async delete({ id, metadata }: LeakableResource, signal: AbortSignal): Promise<void> {
    const { provider, cluster, deletions } = this.#options;
    const [namespace = '', name = ''] = id.split('/');
    const pod = await cluster.pods(namespace).get(name, signal);
    const owner = { provider, nodeId: metadata.nodepool_node_id ?? '' };
    if (pod === undefined || !isOwnedBy(pod, owner)) return;
    await deletions.deletePod({ namespace, name }, pod, signal);
  }
}

function leakable(namespace: string, pod: Pod): readonly LeakableResource[] {
  const metadata = leakTags(pod);
  if (isDeleting(pod) || Object.keys(metadata).length === 0) return [];
  const name = nameOf(pod);
  const externalId = externalIdOf({ namespace, name });
  return [{ kind: LEAKED, id: `${namespace}/${name}`, externalId, metadata }];
}
