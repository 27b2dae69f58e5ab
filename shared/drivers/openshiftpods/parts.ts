/** The parts of a provider, put together. The pods of each project are watched once for all who wait. */
import type { PartsOptions } from '../pods/driver.ts';
import type { Pod } from '../pods/client/objects.ts';
import { Pods } from '../pods/pods.ts';
import type { Parts } from '../pods/provider.ts';
import { Sight } from '../pods/sight.ts';
import { NET_SECONDS } from '../pods/sights.ts';
import { Deletions } from './deletion.ts';
import { Launches } from './launch.ts';
import { Leaks } from './leaks.ts';
import { Quotas } from './quotas.ts';

export function openParts({ config, env, cluster }: PartsOptions): Parts {
  const { clock, log, pollSeconds } = env;
  const { name: provider } = config;
  const projects = config.pools.map(({ name }) => name);
  const watches = new Map(
    projects.map((project) => [
      project,
      cluster.pods(project).watch({ labels: { nodepool_provider_name: provider } }),
    ]),
  );
  const sight = new Sight<Pod>({
    ...{ kind: 'pods', clock, log, pollSeconds, netSeconds: NET_SECONDS },
    wide: ({ namespace = '', name }) => {
      const watched = watches.get(namespace);
      return watched && { watched, key: name };
    },
    get: ({ namespace, name }, signal) => cluster.pods(namespace).get(name, signal),
  });
  const pods = new Pods({ cluster, sight, clock });
  const deletions = new Deletions({ provider, projects, cluster, pods, log });
  return {
    deletions,
    launches: new Launches({ config, cluster, pods }),
    quotas: new Quotas({ projects, cluster, log }),
    leaks: new Leaks({ provider, projects, cluster, deletions }),
    close: () => {
      for (const watched of watches.values()) watched.close();
      cluster.close();
    },
  };
}
