/**
 * What Zuul may do in a namespace of ours. Pure.
 *
 * Facts: createNamespace of nodepool/driver/kubernetes/provider.py, names and rules as they stand there,
 * also those that have no effect.
 */
import type { Role, RoleBinding } from '../pods/client/objects.ts';
import { WORKER } from '../pods/connection.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** Where Zuul makes pods itself. */
function wideRole(): Role {
  const resources = [
    ...['pods', 'pods/exec', 'pods/log', 'pods/portforward', 'services', 'endpoints', 'crontabs'],
    ...['jobs', 'deployments', 'replicasets', 'configmaps', 'secrets'],
  ];
  return roleOf('zuul', [{ apiGroups: [''], resources, verbs: VERBS }]);
}

/** Where the pod is there. */
function podRole(): Role {
  return roleOf('zuul-restricted', [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    ...['pods/exec', 'pods/logs', 'pods/portforward'].map((resource) => ({
      apiGroups: [''],
      resources: [resource],
      verbs: VERBS,
    })),
  ]);
}

/** `hasPod`: the node is a pod, not the namespace. */
export function workerRole(hasPod: boolean): Role {
  return hasPod ? podRole() : wideRole();
}

/** Gives the service account of the namespace the role. */
export function workerBinding(namespace: string, hasPod: boolean): RoleBinding {
  const { metadata } = workerRole(hasPod);
  return {
    apiVersion: API_VERSION,
    kind: 'RoleBinding',
    metadata: { name: 'zuul-role' },
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'Role',
      name: metadata?.name ?? '',
    },
    subjects: [{ kind: 'ServiceAccount', name: WORKER, namespace }],
  };
}

function roleOf(name: string, rules: NonNullable<Role['rules']>): Role {
  return { apiVersion: API_VERSION, kind: 'Role', metadata: { name }, rules };
}
