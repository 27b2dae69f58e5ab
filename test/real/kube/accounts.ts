/** Accounts for launchers, with what Python Nodepool's drivers need and no more, or with what more we may use. */
import { randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import type { KubeApi, KubeObject } from './api.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const RBAC = 'rbac.authorization.k8s.io';
const CLUSTER_ROLES = `/apis/${RBAC}/v1/clusterroles`;
const CLUSTER_ROLE_BINDINGS = `/apis/${RBAC}/v1/clusterrolebindings`;

const rule = (group: string, resources: string, verbs: string): Rule => ({
  apiGroups: [group],
  resources: resources.split(' '),
  verbs: verbs.split(' '),
});

/**
 * What the calls of Python Nodepool 11's three drivers need. To make a role with rights that one has not
 * takes `escalate`, to bind it `bind`: https://kubernetes.io/docs/reference/access-authn-authz/rbac/.
 */
const PYTHONS: readonly Rule[] = [
  rule('', 'namespaces', 'create get list delete'),
  rule('', 'serviceaccounts', 'create get'),
  rule('', 'secrets', 'create get'),
  rule('', 'pods', 'create get list delete'),
  rule(RBAC, 'roles', 'create escalate bind'),
  rule(RBAC, 'clusterroles', 'bind'),
  rule(RBAC, 'rolebindings', 'create'),
];
/** What makes us quicker, and aware of quotas. */
const MORE: readonly Rule[] = [
  rule('', 'namespaces pods secrets serviceaccounts', 'list watch'),
  rule('', 'resourcequotas', 'list'),
  rule('', 'events', 'list'),
];

export type Rights = 'pythons' | 'more';

const RULES: Readonly<Record<Rights, readonly Rule[]>> = {
  pythons: PYTHONS,
  more: [...PYTHONS, ...MORE],
};

/** For the controller that fills secrets, which is slow to find an apiserver again that was away. */
const PATIENCE_MS = 120_000;
const POLL_MS = 50;

export class Account {
  readonly namespace: string;
  readonly #admin: KubeApi;
  #secrets = 0;

  private constructor(admin: KubeApi, namespace: string) {
    this.#admin = admin;
    this.namespace = namespace;
  }

  static async make(admin: KubeApi, rights: Rights): Promise<Account> {
    const name = `account-${randomBytes(4).toString('hex')}`;
    await admin.create('/api/v1/namespaces', { metadata: { name } });
    await admin.create(`/api/v1/namespaces/${name}/serviceaccounts`, {
      metadata: { name: 'nodepool' },
    });
    await admin.create(CLUSTER_ROLES, { metadata: { name }, rules: RULES[rights] });
    await admin.create(CLUSTER_ROLE_BINDINGS, {
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'nodepool', namespace: name }],
    });
    return new Account(admin, name);
  }

  /** A new token, beside those that there are. */
  async token(): Promise<string> {
    const name = `token-${++this.#secrets}`;
    const secrets = `/api/v1/namespaces/${this.namespace}/secrets`;
    const annotations = { 'kubernetes.io/service-account.name': 'nodepool' };
    const type = 'kubernetes.io/service-account-token';
    await this.#admin.create(secrets, { metadata: { name, annotations }, type });
    let token = '';
    await eventually(
      async () => {
        token = textOf(await this.#admin.get(`${secrets}/${name}`), 'token');
        assert.notEqual(token, '');
      },
      PATIENCE_MS,
      POLL_MS,
    );
    return token;
  }

  /** All tokens until now are void, soon: the apiserver trusts what it knows for ten seconds. */
  async revokeTokens(): Promise<void> {
    const secrets = `/api/v1/namespaces/${this.namespace}/secrets`;
    for (const { metadata } of await this.#admin.list(secrets))
      await this.#admin.remove(`${secrets}/${metadata.name}`);
  }

  /** From now on it may do this. */
  async setRights(rules: readonly Rule[]): Promise<void> {
    const path = `${CLUSTER_ROLES}/${this.namespace}`;
    await this.#admin.call('PATCH', path, { rules });
  }

  async drop(): Promise<void> {
    await this.#admin.remove(`${CLUSTER_ROLE_BINDINGS}/${this.namespace}`);
    await this.#admin.remove(`${CLUSTER_ROLES}/${this.namespace}`);
    await this.#admin.remove(`/api/v1/namespaces/${this.namespace}`);
  }
}

/** A value of a secret, decoded; empty if it is not there. */
export function textOf(secret: KubeObject, key: string): string {
  const data = (secret.data ?? {}) as Record<string, string | undefined>;
  return Buffer.from(data[key] ?? '', 'base64').toString();
}
