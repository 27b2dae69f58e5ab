/**
 * A cloud in memory whose launches end when the test says so. It keeps its own books, so that it can
 * tell whether the launcher asked for more than there is.
 */
import type { Quota } from '../../schemas/quota.ts';
import { CloudError } from '../../shared/base/errors.ts';
import { addQuota, missingFrom } from '../../shared/cloud/quota.ts';
import type { DeleteTarget, Instance, LaunchSpec, Provider } from '../../shared/drivers/driver.ts';

export type LaunchEnd = 'ready' | 'failed' | 'full';

export interface PendingLaunch {
  readonly node: string;
  readonly label: string;
  readonly request: string;
  end(how: LaunchEnd): void;
}

export interface MemoryCloudOptions {
  readonly limits: Quota;
  /** What others use of the limits. */
  readonly foreign: Quota;
  readonly needs: Readonly<Record<string, Quota>>;
}

export class MemoryCloud implements Provider {
  /** Launches under way, oldest first. */
  readonly pending = new Map<string, PendingLaunch>();
  /** What each machine takes, by its id. */
  readonly machines = new Map<string, Quota>();
  /** Requests for more than there was. */
  readonly overshoots: string[] = [];
  /** The most launches at the same time. */
  mostPending = 0;
  readonly #options: MemoryCloudOptions;

  constructor(options: MemoryCloudOptions) {
    this.#options = options;
  }

  async launch(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    const { nodeId, label, availabilityZone, request } = spec;
    const externalId = `vm-${nodeId}-${spec.attempt}`;
    this.#enter(externalId, label.name);
    const ended = new Promise<LaunchEnd>((resolve, reject) => {
      this.pending.set(nodeId, {
        node: nodeId,
        label: label.name,
        request: request.id,
        end: resolve,
      });
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
    this.mostPending = Math.max(this.mostPending, this.pending.size);
    // Whoever aborts before the id is reported is told below.
    ended.catch(() => undefined);
    await spec.created(externalId);
    const how = await ended.finally(() => this.pending.delete(nodeId));
    if (how === 'failed') throw new CloudError('NP_CLOUD_TRANSIENT', 'failed on purpose');
    if (how === 'full') throw new CloudError('NP_CLOUD_QUOTA', 'full on purpose');
    return {
      ...{ externalId, interfaceIp: 'fake' },
      availabilityZone: availabilityZone ?? null,
    };
  }

  delete({ externalId }: DeleteTarget): Promise<void> {
    if (typeof externalId === 'string') this.machines.delete(externalId);
    return Promise.resolve();
  }

  listInstances(): ReturnType<Provider['listInstances']> {
    const foreign = { externalId: 'foreign', metadata: {}, resources: this.#options.foreign };
    return Promise.resolve([foreign]);
  }

  quotaLimits(): Promise<Quota> {
    return Promise.resolve(this.#options.limits);
  }

  quotaForLabel({ name }: { readonly name: string }): Promise<Quota> {
    return Promise.resolve(this.#options.needs[name] ?? {});
  }

  availabilityZones(): Promise<readonly string[]> {
    return Promise.resolve(['az1', 'az2']);
  }

  isLabelReady(): boolean {
    return true;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #enter(externalId: string, label: string): void {
    const { limits, foreign, needs } = this.#options;
    const need = needs[label] ?? {};
    const used = [...this.machines.values()].reduce(addQuota, foreign);
    if (missingFrom(limits, used, need).length > 0) this.overshoots.push(externalId);
    this.machines.set(externalId, need);
  }
}
