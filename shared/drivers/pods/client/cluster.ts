/** All that talks to one cluster. */
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/log.ts';
import type { CloudCalls } from '../../../cloud/calls.ts';
import type { Caller, PassSource } from './caller.ts';
import { Collection } from './collection.ts';
import type {
  KubeObject,
  Namespace,
  OpenShiftRoleBinding,
  Pod,
  Project,
  ProjectRequest,
  ResourceQuota,
  Role,
  RoleBinding,
  Secret,
  ServiceAccount,
} from './objects.ts';
import type { Pass } from './passes.ts';
import type { Watched } from './watches.ts';

export interface ClusterParts {
  /** What let us in first. */
  readonly pass: Pass;
  readonly login: PassSource;
  readonly calls: CloudCalls;
  readonly caller: Caller;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Between two listings, where watching is not allowed. */
  readonly pollSeconds: number;
  /** Ends the connections. */
  readonly disconnect: () => void;
}

const CORE = '/api/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const PROJECT = '/apis/project.openshift.io/v1';
const AUTHORIZATION = '/apis/authorization.openshift.io/v1';

export class Cluster {
  readonly #parts: ClusterParts;
  /** By the kind of what is watched. */
  readonly #watched = new Map<string, Set<Watched<KubeObject>>>();
  readonly namespaces: Collection<Namespace>;
  /** OpenShift. */
  readonly projects: Collection<Project>;
  /** OpenShift; only `create`, which answers with the project. */
  readonly projectRequests: Collection<Project, ProjectRequest>;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.namespaces = this.#global(CORE, 'namespaces');
    this.projects = this.#global(PROJECT, 'projects');
    this.projectRequests = this.#global(PROJECT, 'projectrequests', 'projects');
  }

  /** URL of the API, without a slash at its end. */
  get server(): string {
    return this.#pass.server;
  }

  /** Of the kubeconfig; undefined: the cluster that we run in. */
  get context(): string | undefined {
    return this.#pass.context;
  }

  /** Whether its certificate is not looked at. */
  get skipTls(): boolean {
    return this.#pass.tls.skipVerify;
  }

  /** The certificates of the cluster's authorities: PEM, in base64. Undefined: none are named. */
  ca(): string | undefined {
    const { ca } = this.#pass.tls;
    return ca === undefined ? undefined : Buffer.from(ca, 'utf8').toString('base64');
  }

  /** What we are let in with now: a secret. Undefined: by a certificate, or by a password. */
  async token(signal: AbortSignal): Promise<string | undefined> {
    return (await this.#parts.login.current(signal)).token;
  }

  /** Without a namespace those of all: only `list` and `watch`. */
  pods(namespace?: string): Collection<Pod> {
    return this.#namespaced(CORE, 'pods', namespace);
  }

  serviceAccounts(namespace?: string): Collection<ServiceAccount> {
    return this.#namespaced(CORE, 'serviceaccounts', namespace);
  }

  secrets(namespace?: string): Collection<Secret> {
    return this.#namespaced(CORE, 'secrets', namespace);
  }

  resourceQuotas(namespace?: string): Collection<ResourceQuota> {
    return this.#namespaced(CORE, 'resourcequotas', namespace);
  }

  roles(namespace?: string): Collection<Role> {
    return this.#namespaced(RBAC, 'roles', namespace);
  }

  roleBindings(namespace?: string): Collection<RoleBinding> {
    return this.#namespaced(RBAC, 'rolebindings', namespace);
  }

  openShiftRoleBindings(namespace?: string): Collection<OpenShiftRoleBinding> {
    return this.#namespaced(AUTHORIZATION, 'rolebindings', namespace);
  }

  /** Whether calls wait for their turn. */
  isBusy(): boolean {
    return this.#parts.calls.waiting > 0;
  }

  /** Ends what runs, watches too; later calls are refused. */
  close(): void {
    for (const kind of this.#watched.values()) for (const one of [...kind]) one.close();
    this.#parts.calls.close();
    this.#parts.disconnect();
  }

  get #pass(): Pass {
    return this.#parts.login.last ?? this.#parts.pass;
  }

  #global<T extends KubeObject>(api: string, resource: string, kind = resource): Collection<T> {
    return this.#collection<T>({ api, resource, namespace: undefined, isNamespaced: false }, kind);
  }

  #namespaced<T extends KubeObject>(
    api: string,
    resource: string,
    namespace: string | undefined,
  ): Collection<T> {
    return this.#collection<T>({ api, resource, namespace, isNamespaced: true }, resource);
  }

  #collection<T extends KubeObject>(
    place: { api: string; resource: string; namespace: string | undefined; isNamespaced: boolean },
    kind: string,
  ): Collection<T> {
    const { caller, clock, random, log, pollSeconds } = this.#parts;
    const key = `${place.api}/${kind}`;
    const watched = this.#watched.get(key) ?? new Set<Watched<KubeObject>>();
    this.#watched.set(key, watched);
    return new Collection<T>({
      ...place,
      caller,
      watching: { clock, random, log, pollSeconds, isBusy: () => this.isBusy() },
      // Of one kind, so of one type.
      watched: watched as unknown as Set<Watched<T>>,
    });
  }
}
