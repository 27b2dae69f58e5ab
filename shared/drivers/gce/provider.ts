/**
 * A provider of a Google project: what the launcher asks for, by the parts that do it (parts.ts).
 */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type {
  DeleteTarget,
  Instance,
  LaunchSpec,
  LeakCollector,
  ListedInstance,
  Provider,
} from '../driver.ts';
import { openParts, type Parts, type PartsOptions } from './parts.ts';

export class GceProvider implements Provider {
  readonly leaks: LeakCollector;
  readonly #options: PartsOptions;
  readonly #parts: Parts;

  /** Asks Google for what must be known before the first decision. */
  static async open(options: PartsOptions, signal: AbortSignal): Promise<GceProvider> {
    return new GceProvider(options, await openParts(options, signal));
  }

  private constructor(options: PartsOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    this.leaks = parts.leaks;
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

  quotaLimits(signal: AbortSignal): Promise<Quota> {
    return this.#parts.quotas.limits(signal);
  }

  quotaForLabel(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    return this.#parts.quotas.need(label, signal);
  }

  /** All machines are in the provider's zone. */
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
