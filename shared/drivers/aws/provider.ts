/**
 * A provider of AWS: what the launcher asks for, by the parts that do it (parts.ts).
 */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import { hasCode } from '../../base/errors.ts';
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
import { readIds } from './ids.ts';
import { openParts, type Parts, type PartsOptions } from './parts.ts';

export class AwsProvider implements Provider {
  readonly leaks: LeakCollector;
  readonly images: ImageStore;
  readonly #options: PartsOptions;
  readonly #parts: Parts;
  #saidNoConsole = false;

  /** Asks the cloud for what must be known before the first decision. */
  static async open(options: PartsOptions, signal: AbortSignal): Promise<AwsProvider> {
    return new AwsProvider(options, await openParts(options, signal));
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
    this.#parts.hosts.forget(target.nodeId);
  }

  listInstances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    return this.#parts.quotas.instances(signal);
  }

  quotaLimits(signal: AbortSignal): Promise<Quota> {
    return this.#parts.quotas.limits(signal);
  }

  quotaForLabel(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    return this.#parts.quotas.need(label, signal);
  }

  /** The pool says where its instances stand, or its subnet, or else AWS where there is room. */
  availabilityZones(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  isLabelReady(label: PoolLabel): boolean {
    return this.#parts.labelImages.isReady(label);
  }

  /** Python Nodepool reads none, so the account's policy may not allow it. */
  async consoleLog(externalId: ExternalId, signal: AbortSignal): Promise<string | undefined> {
    const { instance } = readIds(externalId) ?? {};
    if (instance === undefined) return undefined;
    const { services, env, config } = this.#options;
    try {
      return await services.compute.consoleOutput(instance, signal);
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      if (!this.#saidNoConsole)
        env.log.warn('consoles cannot be read', { provider: config.name, error });
      this.#saidNoConsole = true;
      return undefined;
    }
  }

  close(): Promise<void> {
    this.#parts.close();
    this.#options.services.close();
    return Promise.resolve();
  }
}
