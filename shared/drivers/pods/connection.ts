/**
 * What Zuul's executor needs to use a namespace or a pod: the object in `connection_port` of the node's
 * record. It holds a secret.
 *
 * Facts: createNamespace and createPod of nodepool/driver/kubernetes/provider.py, prepareProject of
 * openshift/provider.py, _launchLabel of openshiftpods/handler.py; used by zuul/executor/server.py.
 */

/** The service account that Zuul is, in namespaces and projects of ours. */
export const WORKER = 'zuul-worker';

/** How a namespace of ours is reached. */
export interface Access {
  /** A service account's token. */
  readonly token: string;
  /** Certificates of the cluster's authorities: PEM, in base64. */
  readonly caCrt: string;
}

/** Where the cluster is. */
export interface ClusterPlace {
  readonly server: string;
  readonly skipTls: boolean;
}

export interface ConnectionWish {
  readonly place: ClusterPlace;
  readonly namespace: string;
  readonly access: Access;
  /** Undefined: Zuul makes pods itself. */
  readonly pod: string | undefined;
}

type Connection = Readonly<Record<string, unknown>>;

/** Into a namespace or project of ours. */
export function workerConnection(wish: ConnectionWish): Connection {
  const { place, namespace, access, pod } = wish;
  return {
    namespace,
    host: place.server,
    skiptls: place.skipTls,
    token: access.token,
    user: WORKER,
    ...(!place.skipTls && { ca_crt: access.caCrt }),
    ...(pod !== undefined && { pod }),
  };
}

/** Into a pod of a project that is there anyway, with what lets us in ourselves. */
export function ownConnection(wish: {
  readonly place: ClusterPlace;
  readonly namespace: string;
  readonly pod: string;
  readonly token: string;
  /** Undefined: none are named. */
  readonly caCrt: string | undefined;
}): Connection {
  const { place, namespace, pod, token, caCrt } = wish;
  return {
    pod,
    namespace,
    host: place.server,
    ca_crt: caCrt ?? null,
    skiptls: place.skipTls,
    token,
    user: WORKER,
  };
}
