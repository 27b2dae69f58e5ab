/** Quota: what the section says of the account, and what machines of the region take of it. */
import type { IbmVpcLabelOptions, IbmVpcOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { ListedInstance } from '../driver.ts';
import type { VpcInstance } from './client/model.ts';
import type { Groups } from './groups.ts';
import type { MachineList } from './machine-list.ts';
import type { MachineProfiles } from './machine-profiles.ts';
import { machineQuota, profileQuota } from './quota.ts';

export interface QuotasOptions {
  readonly config: ProviderConfig;
  readonly profiles: MachineProfiles;
  readonly groups: Pick<Groups, 'tagged'>;
  readonly machines: SharedListing<MachineList>;
}

export class Quotas {
  readonly #options: QuotasOptions;

  constructor(options: QuotasOptions) {
    this.#options = options;
  }

  /** IBM tells of no limits: those that are configured. */
  limits(): Quota {
    return (this.#options.config.options as IbmVpcOptions).quota;
  }

  /** All machines of the region, foreign ones too, with what each takes. */
  async instances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    const { profiles, groups, machines } = this.#options;
    const list = await machines.next(signal);
    const known = await profiles.get(signal);
    const tagged = await groups.tagged([...list.values()], signal);
    return tagged.map(({ thing, tags }) => ({
      externalId: thing.name,
      metadata: tags,
      resources: machineQuota(thing, known),
    }));
  }

  /**
   * What a node of the label takes.
   *
   * @throws CloudError NP_CLOUD_FATAL where there is no such profile.
   */
  async need({ name, options }: PoolLabel, signal: AbortSignal): Promise<Quota> {
    const { profile } = options as IbmVpcLabelOptions;
    return profileQuota(await this.#options.profiles.wanted(profile, name, signal));
  }

  /** What a machine that is there takes. */
  async ofMachine(machine: VpcInstance, signal: AbortSignal): Promise<Quota> {
    return machineQuota(machine, await this.#options.profiles.get(signal));
  }
}
