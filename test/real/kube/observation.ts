/** What a launcher has made for one node, freed of all that is another at each run, so that two can be compared. */
import type { ZnodeRecord } from '../../support/zuul-side.ts';
import type { KubeApi, KubeObject } from './api.ts';
import type { Ground } from './ground.ts';
import type { Kind } from './kinds.ts';

/** Of the node's record: times, and who did it. */
const VOLATILE = ['created_time', 'state_time', 'launcher', 'comment'];
/** What the server chooses. */
const SERVERS = [
  ...['uid', 'creationTimestamp', 'resourceVersion', 'managedFields', 'generateName', 'generation'],
  // Of annotations: whose token it is stands there by name, too.
  'kubernetes.io/service-account.uid',
];
/** Of any length and at random, at the end of a name. */
const SUFFIX = /(kube-api-access|-token|-dockercfg)-[a-z0-9]{5}\b/g;

const KINDS: Readonly<Record<string, string>> = {
  serviceaccounts: '/api/v1',
  secrets: '/api/v1',
  pods: '/api/v1',
  roles: '/apis/rbac.authorization.k8s.io/v1',
  rolebindings: '/apis/rbac.authorization.k8s.io/v1',
};

export interface Observation {
  readonly record: Readonly<Record<string, unknown>>;
  /** By kind; each as the server has it. */
  readonly objects: Readonly<Record<string, readonly unknown[]>>;
}

/** What is compared, where it is not all. */
const COMPARED: Readonly<Record<Kind, readonly string[]>> = {
  kubernetes: Object.keys(KINDS),
  // Newer OpenShifts give an account no secret that is listed there: ours is one that we make.
  openshift: ['pods', 'roles', 'rolebindings'],
  // The project is there anyway.
  openshiftpods: ['pods'],
};

/** `namespace` is where the node is. */
export async function observe(
  { services }: Ground,
  record: ZnodeRecord,
  namespace: string,
  kind: Kind,
): Promise<Observation> {
  const { admin } = services;
  const objects: Record<string, readonly unknown[]> = {};
  for (const [what, root] of Object.entries(KINDS))
    if (COMPARED[kind].includes(what)) {
      const found = await admin.list(`${root}/namespaces/${namespace}/${what}`);
      objects[what] = found.filter(isMade).map(plain);
    }
  if (kind !== 'openshiftpods') objects.namespaces = [plain(await namespaceOf(admin, namespace))];
  return { record: plainRecord(record), objects };
}

/** Kubernetes puts one into each namespace. */
function isMade({ metadata }: KubeObject): boolean {
  return metadata.name !== 'default';
}

function namespaceOf(admin: KubeApi, name: string): Promise<KubeObject> {
  return admin.get(`/api/v1/namespaces/${name}`);
}

function plain(object: KubeObject): unknown {
  const copy: Record<string, unknown> = { ...object };
  // Addresses and times; and values of secrets, whose names say enough.
  delete copy.status;
  if (copy.data) copy.data = Object.keys(copy.data).toSorted();
  const text = JSON.stringify(copy, (key, value: unknown) =>
    SERVERS.includes(key) ? undefined : value,
  );
  return JSON.parse(text.replaceAll(SUFFIX, '$1'));
}

function plainRecord(record: ZnodeRecord): Record<string, unknown> {
  const entries = Object.entries(record).filter(([key]) => !VOLATILE.includes(key));
  const text = JSON.stringify(Object.fromEntries(entries));
  // A token is told by whose it is.
  const told = text.replaceAll(/ey[\w-]+\.([\w-]+)\.[\w-]+/g, (_, claims: string) => {
    const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string };
    return `token of ${sub}`;
  });
  return JSON.parse(told) as Record<string, unknown>;
}
