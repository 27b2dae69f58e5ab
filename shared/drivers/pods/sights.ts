/** What is watched in namespaces and projects of ours: pods, and the secrets of Zuul's account. */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Cluster } from './client/cluster.ts';
import type { Pod, Secret } from './client/objects.ts';
import { WORKER } from './connection.ts';
import { Sight, type Place } from './sight.ts';

/** Pods and namespaces may take minutes. */
export const NET_SECONDS = 30;
/** A token has half a minute. */
const TOKEN_NET_SECONDS = 5;

export interface SightsOptions {
  readonly provider: string;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pollSeconds: number;
}

export interface Sights {
  readonly pods: Sight<Pod>;
  readonly secrets: Sight<Secret>;
  close(): void;
}

export function openSights({ provider, cluster, clock, log, pollSeconds }: SightsOptions): Sights {
  const allPods = cluster.pods().watch({ labels: { nodepool_provider_name: provider } });
  // No others: what we need not know must not be here.
  const allSecrets = cluster.secrets().watch({ fields: { 'metadata.name': WORKER } });
  return {
    pods: new Sight({
      ...{ kind: 'pods', clock, log, pollSeconds, netSeconds: NET_SECONDS },
      wide: (place) => ({ watched: allPods, key: keyOf(place) }),
      narrow: ({ namespace, name }) =>
        cluster.pods(namespace).watch({ fields: { 'metadata.name': name } }),
      get: ({ namespace, name }, signal) => cluster.pods(namespace).get(name, signal),
    }),
    // A token is there within a moment: gets cost less than a watch for each.
    secrets: new Sight({
      ...{ kind: 'secrets', clock, log, pollSeconds, netSeconds: TOKEN_NET_SECONDS },
      wide: (place) => ({ watched: allSecrets, key: keyOf(place) }),
      get: ({ namespace, name }, signal) => cluster.secrets(namespace).get(name, signal),
    }),
    close: () => {
      allPods.close();
      allSecrets.close();
    },
  };
}

function keyOf({ namespace = '', name }: Place): string {
  return `${namespace}/${name}`;
}
