/**
 * One listing of interfaces and public addresses for all who wait: whoever wants to know an address needs
 * both.
 */
import type { NetworkInterface, PublicIPAddress } from '@azure/arm-network';

import type { Clock } from '../../base/clock.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { Network } from './client/network.ts';

/** Those of the resource group. */
export interface NetworkList {
  readonly interfaces: readonly NetworkInterface[];
  readonly publicIps: readonly PublicIPAddress[];
}

export interface NetworkListingOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** Between the starts of two listings. */
  readonly pollSeconds: number;
  /** Whether other calls wait for their turn. */
  readonly isBusy: () => boolean;
  /** False: none is made, and none is asked for. */
  readonly hasPublicIps: boolean;
}

/** As for machines. */
const TIMEOUT_SECONDS = 120;

export function networkListing(options: NetworkListingOptions): SharedListing<NetworkList> {
  const { network, clock, pollSeconds, isBusy, hasPublicIps } = options;
  return new SharedListing<NetworkList>({
    clock,
    pollSeconds,
    isBusy,
    timeoutSeconds: TIMEOUT_SECONDS,
    list: async (signal) => {
      const [interfaces, publicIps] = await Promise.all([
        network.interfaces(signal),
        hasPublicIps ? network.publicIps(signal) : [],
      ]);
      return { interfaces, publicIps };
    },
  });
}
