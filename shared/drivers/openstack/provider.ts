/**
 * A provider of an OpenStack cloud: what the launcher asks for, by the parts that do it (parts.ts).
 */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type {
  DeleteTarget,
  ExternalId,
  ImageStore,
  Instance,
  LaunchSpec,
  LeakCollector,
  ListedInstance,
  Provider,
} from '../driver.ts';
import { isServerId } from './ids.ts';
import { openParts, type Parts, type PartsOptions } from './parts.ts';

export class OpenStackProvider implements Provider {
  readonly leaks: LeakCollector;
  readonly images: ImageStore;
  readonly #options: PartsOptions;
  readonly #parts: Parts;

  /** Asks the cloud for what must be known before the first decision. */
  static async open(options: PartsOptions, signal: AbortSignal): Promise<OpenStackProvider> {
    return new OpenStackProvider(options, await openParts(options, signal));
  }

  private constructor(options: PartsOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.leaks = parts.leaks;
    this.images = parts.imageStore;
  }

  launch(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    return this.#parts.launches.run(spec, signal);
  }

  async delete(target: DeleteTarget, signal: AbortSignal): Promise<void> {
    await this.#parts.deletions.run(target, signal);
    this.#parts.creations.forget(target.nodeId);
  }

  listInstances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    return this.#parts.quotas.instances(signal);
  }

  quotaLimits(signal: AbortSignal): Promise<Quota> {
    return this.#parts.quotas.limits(signal);
  }

  quotaForLabel(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    const { pools } = this.#options.config;
    const pool = pools.find((one) => one.labels.get(label.name) === label);
    return this.#parts.quotas.need(label, pool, signal);
  }

  availabilityZones(signal: AbortSignal): Promise<readonly string[]> {
    return this.#parts.facts.zones.get(signal);
  }

  isLabelReady(label: PoolLabel): boolean {
    return this.#parts.labelImages.isReady(label);
  }

  consoleLog(externalId: ExternalId, signal: AbortSignal): Promise<string | undefined> {
    if (!isServerId(externalId)) return Promise.resolve(undefined);
    return this.#options.services.compute.console(externalId, signal);
  }

  async close(): Promise<void> {
    this.#parts.close();
    await this.#options.session.close();
  }
}
