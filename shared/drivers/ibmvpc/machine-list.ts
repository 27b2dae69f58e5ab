/** One listing of machines, and one of public addresses, for all who wait. */
import type { Clock } from '../../base/clock.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { FloatingIp, VpcInstance } from './client/model.ts';

/** All machines of the region by id. */
export type MachineList = ReadonlyMap<string, VpcInstance>;

/** All public addresses of the region by id. */
export type AddressList = ReadonlyMap<string, FloatingIp>;

export interface ListingOptions<T> {
  /** What asks IBM. */
  readonly of: { list(signal: AbortSignal): Promise<readonly T[]> };
  readonly clock: Clock;
  /** Between the starts of two listings. */
  readonly pollSeconds: number;
  /** Whether other calls wait for their turn. */
  readonly isBusy: () => boolean;
  /** Is shown each listing. */
  readonly onList: (list: ReadonlyMap<string, T>) => void;
}

/** A region with thousands has listings of many pages, each with a turn of its own. */
const TIMEOUT_SECONDS = 120;

export function listingById<T extends { readonly id: string }>(
  options: ListingOptions<T>,
): SharedListing<ReadonlyMap<string, T>> {
  const { of, clock, pollSeconds, isBusy, onList } = options;
  return new SharedListing<ReadonlyMap<string, T>>({
    ...{ clock, pollSeconds, isBusy, timeoutSeconds: TIMEOUT_SECONDS },
    list: async (signal) => {
      const all = await of.list(signal);
      const list = new Map(all.map((one) => [one.id, one] as const));
      onList(list);
      return list;
    },
  });
}
