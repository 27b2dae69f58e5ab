/**
 * A provider in a cluster: what the launcher asks for, by the parts that do it. One for the three drivers,
 * whose parts differ and whose façade does not.
 */
import type { PoolLabel } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type {
  DeleteTarget,
  ExternalId,
  Instance,
  LaunchSpec,
  LeakCollector,
  ListedInstance,
  PlannedSpec,
  Provider,
} from '../driver.ts';

export interface Parts {
  readonly launches: {
    run(spec: LaunchSpec, signal: AbortSignal): Promise<Instance>;
    plannedId(spec: PlannedSpec): ExternalId;
  };
  readonly deletions: { run(target: DeleteTarget, signal: AbortSignal): Promise<void> };
  readonly quotas: {
    limits(signal: AbortSignal): Promise<Quota>;
    instances(signal: AbortSignal): Promise<readonly ListedInstance[]>;
    need(label: PoolLabel, signal: AbortSignal): Promise<Quota>;
  };
  readonly leaks: LeakCollector;
  /** Ends all that runs. */
  close(): void;
}

export class ClusterProvider implements Provider {
  readonly leaks: LeakCollector;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.leaks = parts.leaks;
  }

  launch(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    return this.#parts.launches.run(spec, signal);
  }

  /** All names are ours to choose. */
  plannedId(spec: PlannedSpec): ExternalId {
    return this.#parts.launches.plannedId(spec);
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

  /** The scheduler chooses. */
  availabilityZones(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  /** The cluster pulls images. */
  isLabelReady(): boolean {
    return true;
  }

  close(): Promise<void> {
    this.#parts.close();
    return Promise.resolve();
  }
}
