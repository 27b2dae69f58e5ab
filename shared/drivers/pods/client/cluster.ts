/** All that talks to one cluster. */
import { Collection } from './collection.ts';
import type {
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

export class Cluster {
  /** URL of the API, without a slash at its end. */
  readonly server: string;
  /** Of the kubeconfig; undefined: the cluster that we run in. */
  readonly context: string | undefined;
  /** Whether its certificate is not looked at. */
  readonly skipTls: boolean;

  constructor(facts: { server: string; context: string | undefined; skipTls: boolean }) {
    this.server = facts.server;
    this.context = facts.context;
    this.skipTls = facts.skipTls;
  }

  /** The certificates of the cluster's authorities: PEM, in base64. Undefined: none are named. */
  ca(): string | undefined {
    return undefined;
  }

  /** What we are let in with now: a secret. Undefined: by a certificate, or by a password. */
  token(_signal: AbortSignal): Promise<string | undefined> {
    return Promise.reject(new Error('not built yet'));
  }

  /** All namespaces. */
  readonly namespaces = new Collection<Namespace>();
  /** OpenShift. */
  readonly projects = new Collection<Project>();
  /** OpenShift; only `create`. */
  readonly projectRequests = new Collection<Project, ProjectRequest>();

  /** Without a namespace those of all: only `list` and `watch`. */
  pods(_namespace?: string): Collection<Pod> {
    return new Collection();
  }

  serviceAccounts(_namespace?: string): Collection<ServiceAccount> {
    return new Collection();
  }

  secrets(_namespace?: string): Collection<Secret> {
    return new Collection();
  }

  resourceQuotas(_namespace?: string): Collection<ResourceQuota> {
    return new Collection();
  }

  roles(_namespace?: string): Collection<Role> {
    return new Collection();
  }

  roleBindings(_namespace?: string): Collection<RoleBinding> {
    return new Collection();
  }

  openShiftRoleBindings(_namespace?: string): Collection<OpenShiftRoleBinding> {
    return new Collection();
  }

  /** Whether calls wait for their turn. */
  isBusy(): boolean {
    return false;
  }

  /** Ends what runs, watches too; later calls are refused. */
  close(): void {
    // Nothing runs yet.
  }
}
