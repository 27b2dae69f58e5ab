/** One listing of instances for all who wait. */
import type { Clock } from '../../base/clock.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { GceInstance, Instances } from './client/instances.ts';

/** All instances of the zone by name. */
export type InstanceList = ReadonlyMap<string, GceInstance>;

export interface InstanceListingOptions {
  readonly instances: Pick<Instances, 'list'>;
  readonly clock: Clock;
  /** Between the starts of two listings. */
  readonly pollSeconds: number;
  /** Whether other calls wait for their turn. */
  readonly isBusy: () => boolean;
  /** Is shown each listing. */
  readonly onList: (instances: InstanceList) => void;
}

/** A zone of thousands of instances has listings of several pages. */
const TIMEOUT_SECONDS = 120;

export function instanceListing(options: InstanceListingOptions): SharedListing<InstanceList> {
  const { instances, clock, pollSeconds, isBusy, onList } = options;
  return new SharedListing<InstanceList>({
    ...{ clock, pollSeconds, isBusy, timeoutSeconds: TIMEOUT_SECONDS },
    list: async (signal) => {
      const all = await instances.list(signal);
      const list = new Map(all.map((one) => [one.name, one] as const));
      onList(list);
      return list;
    },
  });
}
