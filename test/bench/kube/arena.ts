/** The real Kubernetes servers as an arena: all calls go through a proxy that counts them. */
import type { Ground } from '../../real/kube/ground.ts';
import { contextOf, podLabel, spaceLabel, type Kind } from '../../real/kube/kinds.ts';
import { pythonKubernetes } from '../../support/python-kubernetes.ts';
import { LABEL, type Arena } from '../contest/arena.ts';

/** Drivers and what their nodes are. */
const NODES: Readonly<Record<string, readonly [kind: Kind, isPod: boolean]>> = {
  namespace: ['kubernetes', false],
  pod: ['kubernetes', true],
  project: ['openshift', false],
  'pod in a project': ['openshift', true],
  'pod of openshiftpods': ['openshiftpods', true],
};

export type Variant = keyof typeof NODES;
export const variants = Object.keys(NODES);

export async function kubeArena(ground: Ground, variant: Variant): Promise<Arena> {
  const [kind, isPod] = NODES[variant] ?? ['kubernetes', true];
  const { proxy, folder, environment, services } = ground;
  const label = isPod ? podLabel(kind) : spaceLabel(kind);
  return {
    ...{ folder, environment },
    pythonEnvironment: { PYTHONPATH: await pythonKubernetes(services.peers) },
    provider: {
      ...{ name: ground.provider, driver: kind, context: contextOf(kind) },
      pools: [{ name: ground.pool, 'max-servers': 100, labels: [{ name: LABEL, ...label }] }],
    },
    counts: () => proxy.counts(),
    forget: () => {
      proxy.forget();
    },
    census: async () => ({ ...(await ground.census()) }),
    wipe: () => ground.wipe(),
  };
}
