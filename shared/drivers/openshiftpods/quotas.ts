/** Questions about quota, put to the projects of the pools. */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { Extras } from '../../cloud/extras.ts';
import type { ListedInstance } from '../driver.ts';
import type { Cluster } from '../pods/client/cluster.ts';
import type { ResourceQuota } from '../pods/client/objects.ts';
import { isDeleting, nameOf, tagsOf } from '../pods/ids.ts';
import { labelQuota } from '../pods/quota.ts';
import { externalIdOf } from './ids.ts';
import { isCounted, limitsOf, podQuota } from './quota.ts';

export interface QuotasOptions {
  readonly projects: readonly string[];
  readonly cluster: Cluster;
  readonly log: Logger;
}

export class Quotas {
  readonly #options: QuotasOptions;
  readonly #extras: Extras;

  constructor(options: QuotasOptions) {
    this.#options = options;
    this.#extras = new Extras(options.log);
  }

  async limits(signal: AbortSignal): Promise<Quota> {
    const { projects } = this.#options;
    return limitsOf(await Promise.all(projects.map((project) => this.#quotas(project, signal))));
  }

  /** All pods of the projects that take something of their quota. */
  async instances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    throwIfAborted(signal);
    const { projects, cluster } = this.#options;
    const lists = await Promise.all(
      projects.map(async (namespace) => {
        const pods = await cluster.pods(namespace).list({}, signal);
        return pods
          .filter((pod) => isCounted(pod) && !isDeleting(pod))
          .map((pod) => ({
            externalId: externalIdOf({ namespace, name: nameOf(pod) }),
            metadata: tagsOf(pod),
            resources: podQuota(pod),
          }));
      }),
    );
    return lists.flat();
  }

  async need(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    await Promise.resolve();
    throwIfAborted(signal);
    return labelQuota(label);
  }

  /** The original does not ask: without an answer only refusals tell of limits. */
  async #quotas(project: string, signal: AbortSignal): Promise<readonly ResourceQuota[]> {
    const { cluster } = this.#options;
    const quotas = cluster.resourceQuotas(project);
    return (await this.#extras.ask('list of quotas', () => quotas.list({}, signal))) ?? [];
  }
}
