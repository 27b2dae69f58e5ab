/** The real Kubernetes servers as an arena: all calls go through a proxy that counts them. */
import type { Ground } from '../../real/kube/ground.ts';
import { contextOf, kinds, podLabel, type Kind } from '../../real/kube/kinds.ts';
import { pythonKubernetes } from '../../support/python-kubernetes.ts';
import { LABEL, type Arena } from '../contest/arena.ts';

/**
 * Nodes by their drivers. All are pods: those that are namespaces or projects take the same calls but the
 * pod's, and have no address, which the load calls a violation.
 */
export const variants: readonly Kind[] = kinds;

export async function kubeArena(ground: Ground, variant: string): Promise<Arena> {
  const kind = kinds.find((one) => one === variant);
  if (kind === undefined) throw new Error(`there is no driver ${variant} here`);
  const { proxy, folder, environment, services } = ground;
  return {
    ...{ folder, environment },
    pythonEnvironment: { PYTHONPATH: await pythonKubernetes(services.peers) },
    provider: {
      ...{ name: ground.provider, driver: kind, context: contextOf(kind) },
      pools: [
        { name: ground.pool, 'max-servers': 100, labels: [{ name: LABEL, ...podLabel(kind) }] },
      ],
    },
    counts: () => proxy.counts(),
    forget: () => {
      proxy.forget();
    },
    census: async () => ({ ...(await ground.census()) }),
    wipe: () => ground.wipe(),
  };
}
