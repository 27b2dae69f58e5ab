/** Questions about quota, put to Azure: limits, what machines use, what a label needs. */
import type { Usage, VirtualMachine } from '@azure/arm-compute';

import type { AzureLabelOptions, AzureOptions } from '../../../schemas/config/drivers/azure.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError } from '../../base/errors.ts';
import { sumQuota } from '../../cloud/quota.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { ListedInstance } from '../driver.ts';
import { limitsFor, machineQuota, skuQuota } from './quota.ts';
import { skuOf, type Skus } from './skus.ts';

/** All machines of the resource group by name. */
type MachineList = ReadonlyMap<string, VirtualMachine>;

/** What asks Azure. */
export interface UsageSource {
  usages(location: string, signal: AbortSignal): Promise<readonly Usage[]>;
}

export interface QuotasOptions {
  readonly config: ProviderConfig;
  readonly limits: UsageSource;
  readonly skus: Skus;
  readonly machines: SharedListing<MachineList>;
  readonly clock: Clock;
}

/** For so long a machine that has gone may still be counted by Azure. */
const COUNTED_MS = 120_000;

export class Quotas {
  readonly #options: QuotasOptions;
  readonly #location: string;
  /** Machines of the last while, also those that have gone since; by name. */
  readonly #seen = new Map<string, { readonly machine: VirtualMachine; readonly atMs: number }>();

  constructor(options: QuotasOptions) {
    this.#options = options;
    this.#location = (options.config.options as AzureOptions).location;
  }

  /** Is shown each listing. */
  learn(machines: MachineList): void {
    const atMs = this.#options.clock.monotonic();
    for (const [name, machine] of machines) this.#seen.set(name, { machine, atMs });
    for (const [name, seen] of this.#seen)
      if (atMs - seen.atMs > COUNTED_MS) this.#seen.delete(name);
  }

  async limits(signal: AbortSignal): Promise<Quota> {
    const { limits, skus, machines } = this.#options;
    const usages = await limits.usages(this.#location, signal);
    // After the usages: what was counted there has been shown, before or now.
    this.learn(await machines.next(signal));
    const known = await skus.get(signal);
    const used = [...this.#seen.values()].map(({ machine }) =>
      machineQuota(machine, known, this.#location),
    );
    const families = this.#sizes().flatMap((size) => skuOf(known, size)?.family ?? []);
    return limitsFor(usages, families, sumQuota(used));
  }

  /** All machines of the resource group, with what each takes. */
  async instances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    const { skus, machines } = this.#options;
    const list = await machines.next(signal);
    const known = await skus.get(signal);
    return [...list].map(([name, machine]) => ({
      externalId: name,
      metadata: machine.tags ?? {},
      resources: machineQuota(machine, known, this.#location),
    }));
  }

  /**
   * What a node of the label takes.
   *
   * @throws CloudError NP_CLOUD_FATAL where there is no such size for us.
   */
  async need(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    const size = sizeOf(label);
    if (size === '') throw new CloudError('NP_CLOUD_FATAL', `label ${label.name} has no vm-size`);
    return skuQuota(await this.#options.skus.wanted(size, label.name, signal));
  }

  /** What a machine that is there takes. */
  async ofMachine(machine: VirtualMachine, signal: AbortSignal): Promise<Quota> {
    const known = await this.#options.skus.get(signal);
    return machineQuota(machine, known, this.#location);
  }

  #sizes(): string[] {
    const { pools } = this.#options.config;
    return pools.flatMap(({ labels }) => [...labels.values()].map(sizeOf));
  }
}

/** Empty: the configuration has none, which only `config-validate` minds. */
function sizeOf({ options }: PoolLabel): string {
  return (options as AzureLabelOptions).hardwareProfile['vm-size'] ?? '';
}
