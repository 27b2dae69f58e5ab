/** What is known of machines, or of floating IPs: one listing for all who wait, and who has which name. */
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { listingSeconds } from '../../cloud/listing-pace.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DriverEnv } from '../driver.ts';
import type { FloatingIp, VpcInstance } from './client/model.ts';
import type { Session } from './client/session.ts';
import { listingById, type AddressList } from './machine-list.ts';
import { NameBook } from './name-book.ts';

export interface Known<T extends VpcInstance | FloatingIp> {
  readonly book: NameBook<T>;
  readonly listing: SharedListing<ReadonlyMap<string, T>>;
}

export interface KnownOptions {
  readonly config: ProviderConfig;
  readonly env: Pick<DriverEnv, 'clock' | 'pollSeconds'>;
  readonly session: Pick<Session, 'isBusy'>;
}

/** `share`: so many calls for changes stand beside each listing, at least. */
export function openKnown<T extends VpcInstance | FloatingIp>(
  { env, config, session }: KnownOptions,
  of: { list(signal: AbortSignal): Promise<readonly T[]> },
  share: number,
): Known<T> {
  const book = new NameBook<T>();
  const listing = listingById<T>({
    ...{ of, clock: env.clock },
    pollSeconds: listingSeconds(env.pollSeconds, config.callsPerSecond / share),
    isBusy: () => session.isBusy(),
    onList: (list) => {
      book.learn(list);
    },
  });
  return { book, listing };
}

/** IBM's listing of addresses knows no names to look for. */
export async function addressNamed(
  listing: SharedListing<AddressList>,
  name: string,
  signal: AbortSignal,
): Promise<FloatingIp | undefined> {
  const list = await listing.next(signal);
  return [...list.values()].find((one) => one.name === name);
}
