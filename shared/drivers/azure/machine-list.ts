/** One listing of machines for all who wait. */
import type { VirtualMachine } from '@azure/arm-compute';

import type { Clock } from '../../base/clock.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { Machines } from './client/machines.ts';

/** All machines of the resource group by name. */
export type MachineList = ReadonlyMap<string, VirtualMachine>;

export interface MachineListingOptions {
  readonly machines: Machines;
  readonly clock: Clock;
  /** Between the starts of two listings. */
  readonly pollSeconds: number;
  /** Whether other calls wait for their turn. */
  readonly isBusy: () => boolean;
  /** Is shown each listing. */
  readonly onList: (machines: MachineList) => void;
}

/** A group of thousands of machines has listings of several pages. */
const TIMEOUT_SECONDS = 120;

export function machineListing(options: MachineListingOptions): SharedListing<MachineList> {
  const { machines, clock, pollSeconds, isBusy, onList } = options;
  return new SharedListing<MachineList>({
    clock,
    pollSeconds,
    isBusy,
    timeoutSeconds: TIMEOUT_SECONDS,
    list: async (signal) => {
      const all = await machines.list(signal);
      const list = new Map(
        all.flatMap((one) => (one.name === undefined ? [] : [[one.name, one] as const])),
      );
      onList(list);
      return list;
    },
  });
}
