/** One listing of servers for all who wait. */
import type { Clock } from '../../base/clock.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { Compute, Server } from './client/compute.ts';

/** All servers of the project by id. */
export type ServerList = ReadonlyMap<string, Server>;

export interface ServerListingOptions {
  readonly compute: Compute;
  readonly clock: Clock;
  /** Between the starts of two listings. */
  readonly pollSeconds: number;
  /** Is shown each listing. */
  readonly onList: (servers: ServerList) => void;
}

/** A project of thousands of servers has listings of several pages. */
const TIMEOUT_SECONDS = 120;

export function serverListing(options: ServerListingOptions): SharedListing<ServerList> {
  const { compute, clock, pollSeconds, onList } = options;
  return new SharedListing<ServerList>({
    clock,
    pollSeconds,
    timeoutSeconds: TIMEOUT_SECONDS,
    list: async (signal) => {
      const servers = await compute.servers(signal);
      const list = new Map(
        servers.filter(({ status }) => status !== 'DELETED').map((one) => [one.id, one]),
      );
      onList(list);
      return list;
    },
  });
}
