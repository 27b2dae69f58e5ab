/**
 * A Kubernetes or an OpenShift in memory over HTTPS, a kubeconfig that leads to it, and launchers with a
 * provider of it.
 */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeCloud } from '../../fixtures/kube-cloud/cloud.ts';
import type { KubeCloudOptions } from '../../fixtures/kube-cloud/ground.ts';
import { kubeconfigOf, type KubeconfigOptions } from '../../fixtures/kube-cloud/kubeconfig.ts';
import type { KubeCloudServer } from '../../fixtures/kube-cloud/server.ts';
import { systemClock } from '../../shared/base/clock.ts';
import type { Driver } from '../../shared/drivers/driver.ts';
import { createKubernetesDriver } from '../../shared/drivers/kubernetes/driver.ts';
import { createOpenshiftDriver } from '../../shared/drivers/openshift/driver.ts';
import { createOpenshiftPodsDriver } from '../../shared/drivers/openshiftpods/driver.ts';
import type { ClusterOptions } from '../../shared/drivers/pods/client/open.ts';
import { CloudSite, writeWhole, type CloudProviderOptions, type Fields } from './cloud-site.ts';

export const PROVIDER = 'cluster-one';
export const CONTEXT = 'ours';
/** A call that hangs is given up after so many seconds. */
const CALL_TIMEOUT = 0.5;

export const KUBE_DRIVERS = {
  kubernetes: createKubernetesDriver,
  openshift: createOpenshiftDriver,
  openshiftpods: createOpenshiftPodsDriver,
} as const satisfies Readonly<Record<string, (options: ClusterOptions) => Driver>>;

export type KubeDriver = keyof typeof KUBE_DRIVERS;

/** What a label says if a test says nothing else: a pod. */
export const POD: Fields = { type: 'pod', image: 'registry.example.com/ci/python:3', cpu: 1 };

export class KubeSite extends CloudSite<KubeCloud> {
  readonly kubeconfig: string;
  /** PEM; vouches for the cluster. */
  readonly authority: string;
  readonly origin: string;
  readonly #driver: KubeDriver;

  private constructor(
    driver: KubeDriver,
    parts: { cloud: KubeCloud; server: KubeCloudServer; folder: string; authority: string },
  ) {
    const { cloud, server, folder, authority } = parts;
    const create = KUBE_DRIVERS[driver];
    const drivers = { [driver]: create({ timeoutSeconds: CALL_TIMEOUT }) };
    super({ cloud, server, folder, drivers });
    this.#driver = driver;
    this.authority = authority;
    this.origin = server.origin;
    this.kubeconfig = join(folder, 'kubeconfig');
  }

  static async open(
    driver: KubeDriver,
    options: Partial<KubeCloudOptions> = {},
  ): Promise<KubeSite> {
    // A call that loads it first would be given up.
    await import('@kubernetes/client-node');
    const openShift = driver === 'kubernetes' ? {} : { openShift: {} };
    const cloud = new KubeCloud({
      ...{ clock: systemClock, createSeconds: 0.05, deleteSeconds: 0.05, tokenSeconds: 0.03 },
      ...openShift,
      ...options,
    });
    const server = await cloud.serve();
    const folder = await mkdtemp(join(tmpdir(), 'nodepool-kube-'));
    const authority = await readFile(server.authority, 'utf8');
    cloud.authority = authority;
    // The project that `openshiftpods` has its pods in.
    if (driver === 'openshiftpods') cloud.plant.namespace({ name: 'main' });
    const site = new KubeSite(driver, { cloud, server, folder, authority });
    await site.writeKubeconfig();
    return site;
  }

  override get environment(): Readonly<Record<string, string>> {
    return { KUBECONFIG: this.kubeconfig };
  }

  /** The file that works, or with something else in it. */
  writeKubeconfig(options: Partial<KubeconfigOptions> = {}): Promise<void> {
    const { origin: server, authority, cloud } = this;
    const working = { server, authority, token: cloud.access.token, contexts: [CONTEXT] };
    return writeWhole(this.kubeconfig, kubeconfigOf({ ...working, ...options }));
  }

  /** A provider with one pool; its labels are pods. */
  provider(options: CloudProviderOptions = {}): Fields {
    const { name = PROVIDER, labels = { small: {} }, provider, pool } = options;
    const kind = this.#driver === 'openshiftpods' ? { ...POD, type: undefined } : POD;
    const entries = Object.entries(labels).map(([label, fields]) => ({
      name: label,
      ...(fields.type === 'namespace' || fields.type === 'project' ? {} : kind),
      ...fields,
    }));
    return {
      ...{ name, driver: this.#driver, context: CONTEXT, 'launch-retries': 1, ...provider },
      pools: [{ name: 'main', 'max-servers': 5, ...pool, labels: entries }],
    };
  }

  protected costs(): Readonly<Record<string, number>> {
    const { namespaces, pods } = this.cloud.counts;
    return this.#driver === 'openshiftpods' ? { pods } : { namespaces, pods };
  }
}
