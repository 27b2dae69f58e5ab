/** A provider of a VPC: what the launcher asks for, by the parts that do it (parts.ts). */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type {
  DeleteTarget,
  ImageStore,
  Instance,
  LaunchSpec,
  LeakCollector,
  ListedInstance,
  Provider,
} from '../driver.ts';
import { openParts, type Parts, type PartsOptions } from './parts.ts';

export class IbmVpcProvider implements Provider {
  readonly leaks: LeakCollector;
  /** Absent where the section has no object storage. */
  readonly images?: ImageStore;
  readonly #options: PartsOptions;
  readonly #parts: Parts;

  /** Asks IBM for what must be known before the first decision. */
  static async open(options: PartsOptions, signal: AbortSignal): Promise<IbmVpcProvider> {
    return new IbmVpcProvider(options, await openParts(options, signal));
  }

  private constructor(options: PartsOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.leaks = parts.leaks;
    if (parts.imageStore !== undefined) this.images = parts.imageStore;
  }

  launch(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    return this.#parts.launches.run(spec, signal);
  }

  delete(target: DeleteTarget, signal: AbortSignal): Promise<void> {
    return this.#parts.deletions.run(target, signal);
  }

  listInstances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    return this.#parts.quotas.instances(signal);
  }

  quotaLimits(): Promise<Quota> {
    return Promise.resolve(this.#parts.quotas.limits());
  }

  quotaForLabel(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    return this.#parts.quotas.need(label, signal);
  }

  /** The configuration names the zone of each pool. */
  availabilityZones(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  isLabelReady(label: PoolLabel): boolean {
    return this.#parts.labelImages.isReady(label);
  }

  close(): Promise<void> {
    this.#parts.close();
    this.#options.session.close();
    return Promise.resolve();
  }
}
