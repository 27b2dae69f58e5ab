/** Questions about quota, put to Google: limits, what instances use, what a label needs. */
import type { GceLabelOptions } from '../../../schemas/config/drivers/gce.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { Clock } from '../../base/clock.ts';
import { sumQuota } from '../../cloud/quota.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { ListedInstance } from '../driver.ts';
import type { GceInstance } from './client/instances.ts';
import type { Regions } from './client/regions.ts';
import { lastPart, metadataOf } from './ids.ts';
import type { InstanceList } from './instance-list.ts';
import type { KnownTypes } from './machine-types.ts';
import { instanceQuota, limitsFor, typeQuota } from './quota.ts';

export interface QuotasOptions {
  readonly config: ProviderConfig;
  readonly regions: Pick<Regions, 'get'>;
  readonly types: Pick<KnownTypes, 'get' | 'wanted'>;
  readonly listing: SharedListing<InstanceList>;
  readonly clock: Clock;
}

/** For so long an instance that has gone may still be counted by Google. */
const COUNTED_MS = 60_000;

export class Quotas {
  readonly #options: QuotasOptions;
  /** Instances of the last while, also those that have gone since; by name. */
  readonly #seen = new Map<string, { readonly instance: GceInstance; readonly atMs: number }>();

  constructor(options: QuotasOptions) {
    this.#options = options;
  }

  /** Is shown each listing. */
  learn(instances: InstanceList): void {
    const atMs = this.#options.clock.monotonic();
    for (const [name, instance] of instances) this.#seen.set(name, { instance, atMs });
    for (const [name, seen] of this.#seen)
      if (atMs - seen.atMs > COUNTED_MS) this.#seen.delete(name);
  }

  async limits(signal: AbortSignal): Promise<Quota> {
    const { regions, listing, config } = this.#options;
    const { quotas } = await regions.get(signal);
    // After the limits: what was counted there has been shown, before or now.
    this.learn(await listing.next(signal));
    const seen = [...this.#seen.values()].map(({ instance }) => instance);
    const used = await Promise.all(seen.map((instance) => this.ofInstance(instance, signal)));
    const labels = config.pools.flatMap((pool) => [...pool.labels.values()]);
    return limitsFor(quotas, labels.map(typeOf), sumQuota(used));
  }

  /** All instances of the zone, with what each takes. */
  async instances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    const list = await this.#options.listing.next(signal);
    return Promise.all(
      [...list].map(async ([name, instance]) => ({
        externalId: name,
        metadata: metadataOf(instance),
        resources: await this.ofInstance(instance, signal),
      })),
    );
  }

  /**
   * What a node of the label takes.
   *
   * @throws CloudError NP_CLOUD_FATAL where the zone has no such machine type.
   */
  async need(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    return typeQuota(await this.#options.types.wanted(typeOf(label), label.name, signal));
  }

  /** What an instance that is there takes. */
  async ofInstance(instance: GceInstance, signal: AbortSignal): Promise<Quota> {
    const name = lastPart(instance.machineType);
    const type = name === '' ? undefined : await this.#options.types.get(name, signal);
    return instanceQuota(instance, type);
  }
}

function typeOf({ options }: PoolLabel): string {
  return (options as GceLabelOptions).instanceType;
}
