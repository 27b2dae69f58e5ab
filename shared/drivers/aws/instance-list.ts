/** One listing of instances for all who wait, and one of hosts. */
import type { Host, Instance } from '@aws-sdk/client-ec2';

import type { Clock } from '../../base/clock.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { Compute } from './client/compute.ts';

/** All instances of the account and region by id, but the terminated ones. */
export type InstanceList = ReadonlyMap<string, Instance>;

/** All dedicated hosts by id, but the released ones. */
export type HostList = ReadonlyMap<string, Host>;

export interface ListingOptions {
  readonly compute: Compute;
  readonly clock: Clock;
  /** Between the starts of two listings. */
  readonly pollSeconds: number;
}

/** An account of thousands of instances has listings of several pages. */
const TIMEOUT_SECONDS = 120;

export function instanceListing(options: ListingOptions): SharedListing<InstanceList> {
  const { compute } = options;
  return listing(options, async (signal) => instancesById(await compute.instances(signal)));
}

export function hostListing(options: ListingOptions): SharedListing<HostList> {
  const { compute } = options;
  return listing(options, async (signal) =>
    byId(await compute.hosts(signal), ({ HostId }) => HostId),
  );
}

export function instancesById(instances: readonly Instance[]): InstanceList {
  return byId(instances, ({ InstanceId }) => InstanceId);
}

function listing<T>(
  { clock, pollSeconds }: ListingOptions,
  list: (signal: AbortSignal) => Promise<T>,
): SharedListing<T> {
  return new SharedListing<T>({ clock, pollSeconds, timeoutSeconds: TIMEOUT_SECONDS, list });
}

/** What has no id, which AWS never shows, is left out. */
function byId<T>(
  items: readonly T[],
  idOf: (item: T) => string | undefined,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const item of items) {
    const id = idOf(item);
    if (id !== undefined) found.set(id, item);
  }
  return found;
}
