/** What is asked for once and kept: the subnet of the machines. */
import type { AzureOptions } from '../../../schemas/config/drivers/azure.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError, hasCode, messageOf } from '../../base/errors.ts';
import { Kept } from '../../cloud/kept.ts';
import type { Network } from './client/network.ts';

/** Of a network for which none is named. */
const DEFAULT_SUBNET = 'default';

export class CloudFacts {
  /** The id of the subnet that all machines are in. */
  readonly subnetId: Kept<string>;

  constructor(config: ProviderConfig, network: Pick<Network, 'subnet'>) {
    this.subnetId = new Kept((signal) => findSubnet(config, network, signal));
  }

  /** Forgets everything. */
  drop(): void {
    this.subnetId.drop();
  }
}

/** Where a network is configured: in this group, this network, this subnet. Pure. */
export function subnetPlace(
  options: Pick<AzureOptions, 'network' | 'resourceGroup'>,
): { readonly group: string; readonly network: string; readonly subnet: string } | undefined {
  const { network: configured, resourceGroup } = options;
  const named = typeof configured === 'string' ? { network: configured } : configured;
  if (named?.network === undefined) return undefined;
  return {
    group: named['resource-group'] ?? resourceGroup,
    network: named.network,
    subnet: named.subnet ?? DEFAULT_SUBNET,
  };
}

/** @throws CloudError NP_CLOUD_FATAL where there is no such subnet. */
async function findSubnet(
  { name, place, options }: ProviderConfig,
  api: Pick<Network, 'subnet'>,
  signal: AbortSignal,
): Promise<string> {
  const { subnetId, ...rest } = options as AzureOptions;
  if (subnetId !== undefined) return subnetId;
  const wanted = subnetPlace(rest);
  if (wanted === undefined)
    throw new CloudError('NP_CLOUD_FATAL', `provider ${name} names no network for its machines`, {
      hint: `name subnet-id or network at ${place}`,
    });
  const { group, network, subnet } = wanted;
  const absent = (why: string): CloudError =>
    new CloudError(
      'NP_CLOUD_FATAL',
      `provider ${name}: there is no subnet ${subnet} in network ${network} of resource group ${group}${why}`,
      { hint: `correct network at ${place}` },
    );
  try {
    const { id } = await api.subnet(group, network, subnet, signal);
    if (id !== undefined) return id;
  } catch (error) {
    // Azure says which of them is missing, and so is perhaps the subscription.
    throw hasCode(error, 'NP_CLOUD_NOT_FOUND') ? absent(`: ${messageOf(error)}`) : error;
  }
  throw absent('');
}
