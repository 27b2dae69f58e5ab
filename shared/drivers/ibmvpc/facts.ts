/** What is asked for once and kept: the VPC, its subnets, the keys. */
import type { IbmVpcOptions, IbmVpcPoolOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { PoolConfig, ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError } from '../../base/errors.ts';
import { Kept } from '../../cloud/kept.ts';
import { listed } from '../../cloud/listed.ts';
import type { Key, Subnet, Vpc } from './client/model.ts';

/** What asks IBM. */
export interface FactSource {
  vpcs(signal: AbortSignal): Promise<readonly Vpc[]>;
  subnets(signal: AbortSignal): Promise<readonly Subnet[]>;
  keys(signal: AbortSignal): Promise<readonly Key[]>;
}

export class CloudFacts {
  readonly #config: ProviderConfig;
  readonly #vpcs: Kept<readonly Vpc[]>;
  readonly #subnets: Kept<readonly Subnet[]>;
  readonly #keys: Kept<readonly Key[]>;

  constructor(config: ProviderConfig, network: FactSource) {
    this.#config = config;
    this.#vpcs = new Kept((signal) => network.vpcs(signal));
    this.#subnets = new Kept((signal) => network.subnets(signal));
    this.#keys = new Kept((signal) => network.keys(signal));
  }

  /** @throws CloudError NP_CLOUD_FATAL where there is none of the configured name. */
  async vpcId(signal: AbortSignal): Promise<string> {
    const { name, place, options } = this.#config;
    const { vpc, region } = options as IbmVpcOptions;
    const all = await this.#vpcs.get(signal);
    const found = all.find((one) => one.name === vpc);
    if (found !== undefined) return found.id;
    throw new CloudError(
      'NP_CLOUD_FATAL',
      `provider ${name}: there is no VPC ${vpc} in ${region}`,
      {
        hint: `correct vpc at ${place}; there are: ${listed(namesOf(all))}`,
      },
    );
  }

  /** @throws CloudError NP_CLOUD_FATAL where the VPC has none of the name, or in another zone. */
  async subnetId(pool: PoolConfig, signal: AbortSignal): Promise<string> {
    const { zone, subnet } = pool.options as IbmVpcPoolOptions;
    const vpcId = await this.vpcId(signal);
    const all = await this.#subnets.get(signal);
    // Names are unique in a VPC only.
    const ours = all.filter((one) => one.vpcId === undefined || one.vpcId === vpcId);
    const found = ours.find((one) => one.name === subnet);
    if (found?.zone === zone) return found.id;
    const subject = `provider ${this.#config.name}, pool ${pool.name}`;
    const problem =
      found === undefined
        ? `there is no subnet ${subnet} in the VPC`
        : `subnet ${subnet} is in zone ${found.zone}, not in ${zone}`;
    const names = ours.map((one) => `${one.name} (${one.zone})`);
    throw new CloudError('NP_CLOUD_FATAL', `${subject}: ${problem}`, {
      hint: `correct subnet or zone at ${this.#config.place}; the VPC has: ${listed(names)}`,
    });
  }

  /**
   * Ids of keys by their names, in this order. One that is missing may have come since keys were listed.
   *
   * @throws CloudError NP_CLOUD_FATAL
   */
  async keyIds(names: readonly string[], image: string, signal: AbortSignal): Promise<string[]> {
    if (names.length === 0) return [];
    const isFresh = this.#keys.current === undefined;
    let all = await this.#keys.get(signal);
    const isMissing = (name: string): boolean => !all.some((one) => one.name === name);
    if (!isFresh && names.some(isMissing)) {
      this.#keys.drop();
      all = await this.#keys.get(signal);
    }
    const missing = names.filter(isMissing);
    if (missing.length > 0)
      throw new CloudError(
        'NP_CLOUD_FATAL',
        `cloud image ${image}: there is no key ${missing.join(', ')} in the region`,
        { hint: `correct keys at ${this.#config.place}; there are: ${listed(namesOf(all))}` },
      );
    return names.flatMap((name) => all.find((one) => one.name === name)?.id ?? []);
  }

  /** Forgets everything. */
  drop(): void {
    this.#vpcs.drop();
    this.#subnets.drop();
    this.#keys.drop();
  }
}

function namesOf(all: readonly { readonly name: string }[]): string[] {
  return all.map(({ name }) => name).toSorted();
}
