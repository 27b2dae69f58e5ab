/** Network interfaces and public addresses of the resource group, and subnets of any. */
import type { NetworkInterface, PublicIPAddress, Subnet } from '@azure/arm-network';

import type { Caller } from './caller.ts';

export class Network {
  readonly #caller: Caller;
  readonly #group: string;

  constructor(caller: Caller, resourceGroup: string) {
    this.#caller = caller;
    this.#group = resourceGroup;
  }

  async interfaces(signal: AbortSignal): Promise<readonly NetworkInterface[]> {
    const { client, getContinuationToken } = await this.#caller.sdk.network();
    const list = client.networkInterfaces;
    return this.#caller.all(
      (options) => list.list(this.#group, options),
      signal,
      getContinuationToken,
    );
  }

  async publicIps(signal: AbortSignal): Promise<readonly PublicIPAddress[]> {
    const { client, getContinuationToken } = await this.#caller.sdk.network();
    const list = client.publicIPAddresses;
    return this.#caller.all(
      (options) => list.list(this.#group, options),
      signal,
      getContinuationToken,
    );
  }

  /** @throws CloudError NP_CLOUD_NOT_FOUND, which says what is missing: it, its network, its group. */
  async subnet(
    group: string,
    network: string,
    subnet: string,
    signal: AbortSignal,
  ): Promise<Subnet> {
    const { client } = await this.#caller.sdk.network();
    return this.#caller.call(
      (options) => client.subnets.get(group, network, subnet, options),
      signal,
    );
  }

  /** Begins the deletion. `false`: there is none. */
  async deleteInterface(name: string, signal: AbortSignal): Promise<boolean> {
    const { client } = await this.#caller.sdk.network();
    return this.#caller.delete(
      (options) => client.networkInterfaces.beginDelete(this.#group, name, options),
      signal,
    );
  }

  /** Begins the deletion. `false`: there is none. */
  async deletePublicIp(name: string, signal: AbortSignal): Promise<boolean> {
    const { client } = await this.#caller.sdk.network();
    return this.#caller.delete(
      (options) => client.publicIPAddresses.beginDelete(this.#group, name, options),
      signal,
    );
  }
}
