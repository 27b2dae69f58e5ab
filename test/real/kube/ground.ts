/**
 * What a launcher needs to work on a real Kubernetes, and a test to look and to disturb: a pool that nobody
 * else has, an account, the proxy that all calls of the launcher go through, a kubeconfig.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeNow, removeWithUs } from '../../../fixtures/processes/reaper.ts';
import {
  startHttpProxy,
  type EndedCall,
  type HttpProxy,
} from '../../../fixtures/proxy/http-proxy.ts';
import { seededRandom } from '../../../shared/drivers/fake/faults.ts';
import { eventually } from '../../support/eventually.ts';
import { Account, type Rights } from './accounts.ts';
import type { KubeObject } from './api.ts';
import { kubeRouteOf } from './routes.ts';
import type { KubeServices } from './services.ts';

export interface GroundOptions {
  /** Of the launcher's account. Default `more`. */
  readonly rights?: Rights;
  /** Of the proxy's faults with a chance. Default 1. */
  readonly seed?: number;
  /** Told of each call that the launcher made. */
  readonly onCall?: (call: EndedCall) => void;
}

export interface Census {
  /** Of nodes, also those that are on their way out. */
  readonly namespaces: number;
  /** In the namespace that is named as the pool: of nodes of `openshiftpods`. */
  readonly pods: number;
}

/** What a namespace of a node takes to go, on two busy cores with many others. */
export const PATIENCE_MS = 180_000;
const POLL_MS = 200;
const NAMESPACES = '/api/v1/namespaces';
/** Nobody will ever take care of it. */
const FINALIZER = 'test.example.com/hold';

export class Ground {
  readonly services: KubeServices;
  readonly account: Account;
  readonly proxy: HttpProxy;
  /** For files; it goes with the ground. */
  readonly folder: string;
  readonly kubeconfigPath: string;
  /** Its name, and the beginning of its nodes' namespaces. */
  readonly pool: string;
  /** Nobody else's either: launchers delete what is of their provider and of no node of theirs. */
  readonly provider: string;
  #token = '';

  private constructor(parts: {
    services: KubeServices;
    account: Account;
    proxy: HttpProxy;
    folder: string;
  }) {
    this.services = parts.services;
    this.account = parts.account;
    this.proxy = parts.proxy;
    this.folder = parts.folder;
    this.kubeconfigPath = join(parts.folder, 'kubeconfig');
    this.pool = `np-${randomBytes(4).toString('hex')}`;
    this.provider = `cluster-${this.pool}`;
  }

  static async make(services: KubeServices, options: GroundOptions = {}): Promise<Ground> {
    const { rights = 'more', seed = 1, onCall } = options;
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-kube-ground-'));
    removeWithUs(folder);
    const proxy = await startHttpProxy({
      targets: { kube: services.url, openshift: services.openshiftUrl },
      ca: services.ca,
      routeOf: kubeRouteOf,
      random: seededRandom(seed),
      ...(onCall ? { onCall } : {}),
    });
    const account = await Account.make(services.admin, rights);
    const ground = new Ground({ services, account, proxy, folder });
    // The project of openshiftpods; to the others it is somebody's.
    await services.admin.create(NAMESPACES, { metadata: { name: ground.pool } });
    await ground.renewToken();
    return ground;
  }

  /** For the environment of a launcher. */
  get environment(): Record<string, string> {
    return { KUBECONFIG: this.kubeconfigPath, HOME: this.folder };
  }

  /** The launcher's bearer token. */
  get token(): string {
    return this.#token;
  }

  /** A new token in the kubeconfig; the old one goes on being valid until it is revoked. */
  async renewToken(): Promise<void> {
    this.#token = await this.account.token();
    await this.writeKubeconfig({ token: this.#token });
  }

  /**
   * Contexts `kube` and `openshift` lead through the proxy, `…-direct` to the servers. `user` is the entry
   * of the only user.
   */
  async writeKubeconfig(user: Readonly<Record<string, unknown>>): Promise<void> {
    const { proxy, services } = this;
    const ca = Buffer.from(services.ca).toString('base64');
    const clusters = [
      { name: 'kube', cluster: { server: proxy.origins.kube } },
      { name: 'openshift', cluster: { server: proxy.origins.openshift } },
      secure('kube-direct', services.url, ca),
      secure('openshift-direct', services.openshiftUrl, ca),
    ];
    const text = JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'kube', clusters },
      users: [{ name: 'nodepool', user }],
      contexts: clusters.map(({ name }) => ({
        name,
        context: { cluster: name, user: 'nodepool' },
      })),
    });
    await writeFile(`${this.kubeconfigPath}.new`, text, { mode: 0o600 });
    await rename(`${this.kubeconfigPath}.new`, this.kubeconfigPath);
  }

  /** Namespaces of the pool's nodes. */
  async namespaces(): Promise<readonly KubeObject[]> {
    const all = await this.services.admin.list(NAMESPACES);
    return all.filter(({ metadata }) => metadata.name.startsWith(`${this.pool}-`));
  }

  async census(): Promise<Census> {
    const pods = await this.services.admin.list(`${NAMESPACES}/${this.pool}/pods`);
    return { namespaces: (await this.namespaces()).length, pods: pods.length };
  }

  /** The namespace will hang in Terminating, until `let go`. */
  async hold(namespace: string): Promise<void> {
    const metadata = { name: 'held', finalizers: [FINALIZER] };
    await this.services.admin.create(`${NAMESPACES}/${namespace}/configmaps`, { metadata });
  }

  async letGo(namespace: string): Promise<void> {
    const path = `${NAMESPACES}/${namespace}/configmaps/held`;
    await this.services.admin.ask('PATCH', path, { metadata: { finalizers: null } });
  }

  /** Deletes all that a launcher left. */
  async wipe(): Promise<void> {
    const { admin } = this.services;
    const pods = `${NAMESPACES}/${this.pool}/pods`;
    for (const { metadata } of await admin.list(pods))
      await admin.remove(`${pods}/${metadata.name}`);
    for (const { metadata } of await this.namespaces()) {
      await this.letGo(metadata.name);
      await admin.remove(`${NAMESPACES}/${metadata.name}`);
    }
    await eventually(
      async () => {
        assert.deepEqual(await this.census(), { namespaces: 0, pods: 0 });
      },
      PATIENCE_MS,
      POLL_MS,
    );
  }

  async drop(): Promise<void> {
    this.proxy.faults.clear();
    await this.wipe();
    await this.services.admin.remove(`${NAMESPACES}/${this.pool}`);
    await this.account.drop();
    await this.proxy.close();
    await removeNow(this.folder);
  }
}

function secure(name: string, server: string, ca: string) {
  return { name, cluster: { server, 'certificate-authority-data': ca } };
}
