/** The three drivers that work with Kubernetes, and how tests have their labels. */

export type Kind = 'kubernetes' | 'openshift' | 'openshiftpods';

export const kinds: readonly Kind[] = ['kubernetes', 'openshift', 'openshiftpods'];

type Fields = Readonly<Record<string, unknown>>;

/** The context of a kubeconfig that the driver is for. */
export function contextOf(kind: Kind): 'kube' | 'openshift' {
  return kind === 'kubernetes' ? 'kube' : 'openshift';
}

/** A label whose nodes are pods. */
export function podLabel(kind: Kind): Fields {
  const image = { image: 'busybox' };
  return kind === 'openshiftpods' ? image : { type: 'pod', ...image };
}

/** A label whose nodes are places for pods; undefined: the driver has none. */
export function spaceLabel(kind: Kind): Fields | undefined {
  if (kind === 'openshiftpods') return undefined;
  return { type: kind === 'kubernetes' ? 'namespace' : 'project' };
}
