/**
 * The parts of a provider, put together.
 *
 * Machines are listed once a tick for all who wait, launches and deletions alike; so are interfaces with
 * public addresses, and disks, each only while somebody wants to know of them, and less often: all calls
 * have one budget.
 */
import type { Disk } from '@azure/arm-compute';

import type { AzureOptions, AzurePoolOptions } from '../../../schemas/config/drivers/azure.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { listingSeconds } from '../../cloud/listing-pace.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { DriverEnv } from '../driver.ts';
import type { Session } from './client/session.ts';
import { Deletions } from './deletion.ts';
import { CloudFacts } from './facts.ts';
import { AzureImageStore } from './image-store.ts';
import { LabelImages } from './label-images.ts';
import { Launches } from './launch.ts';
import { Leaks } from './leaks.ts';
import type { Leavings } from './leavings.ts';
import { LookUps } from './look-up.ts';
import { machineListing, type MachineList } from './machine-list.ts';
import { networkListing, type NetworkList } from './network-list.ts';
import { Quotas } from './quotas.ts';
import { Skus } from './skus.ts';

export interface PartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly session: Session;
}

export interface Parts {
  readonly facts: CloudFacts;
  readonly quotas: Quotas;
  readonly labelImages: LabelImages;
  readonly launches: Launches;
  readonly deletions: Deletions;
  readonly leaks: Leaks;
  readonly imageStore: AzureImageStore;
  /** Ends all that runs. */
  close(): void;
}

/** Listings, each asked for once a tick for all who wait. */
interface Listings {
  readonly machines: SharedListing<MachineList>;
  readonly network: SharedListing<NetworkList>;
  readonly disks: SharedListing<readonly Disk[]>;
}

/**
 * So many calls for changes stand beside each listing, at least: of the calls a second machines get a
 * fifth, interfaces and addresses a tenth each, disks a twentieth. At Azure's usual `rate` of 1 that is
 * every five, ten and twenty seconds, and half as often while other calls wait.
 */
const SHARES = { machines: 2.5, network: 5, disks: 10 } as const;

export async function openParts(options: PartsOptions, signal: AbortSignal): Promise<Parts> {
  const { config, env, session } = options;
  const { services } = session;
  const { clock, log, random, imageCheckSeconds: checkSeconds } = env;
  const { location } = config.options as AzureOptions;
  const facts = new CloudFacts(config, services.network);
  const { images } = services;
  const labelImages = new LabelImages({ config, images, clock, log, checkSeconds });
  // A builder's provider launches nothing, and needs no network.
  if (config.pools.length > 0) await facts.subnetId.get(signal);
  await labelImages.prepare(signal);

  const listings = openListings(options, (list) => {
    deletions.learn(list);
    quotas.learn(list);
  });
  const { machines: listing, network } = listings;
  const skus = new Skus({ limits: services.limits, location, clock });
  const quotas = new Quotas({
    ...{ config, limits: services.limits, skus, machines: listing, clock },
  });
  const { machines } = services;
  const lookUps = new LookUps({ machines, listing, log });
  const deletions = new Deletions({
    ...{ provider: config.name, machines, listing, lookUps, clock, log },
    leavings: leavingsOf(options, listings),
  });
  const launches = new Launches({
    ...{ config, clock, machines, facts, images: labelImages },
    ...{ listing, lookUps, network },
    takenBy: (machine, inner) => quotas.ofMachine(machine, inner),
  });
  return {
    ...{ facts, quotas, labelImages, launches, deletions },
    leaks: new Leaks({ services, deletions, machines: listing, log }),
    imageStore: new AzureImageStore({ services, skus, location, clock, random, log }),
    close: () => {
      labelImages.close();
      listings.machines.close();
      listings.network.close();
      listings.disks.close();
    },
  };
}

function openListings(
  { env, config, session }: PartsOptions,
  onList: (list: MachineList) => void,
): Listings {
  const { clock } = env;
  const { machines, network, disks } = session.services;
  const isBusy = (): boolean => session.isBusy();
  const paced = (share: number): number =>
    listingSeconds(env.pollSeconds, config.callsPerSecond / share);
  const hasPublicIps = makesPublicIps(config);
  return {
    machines: machineListing({
      machines,
      clock,
      pollSeconds: paced(SHARES.machines),
      isBusy,
      onList,
    }),
    network: networkListing({
      network,
      clock,
      hasPublicIps,
      isBusy,
      pollSeconds: paced(SHARES.network),
    }),
    disks: new SharedListing({
      ...{ clock, isBusy, pollSeconds: paced(SHARES.disks) },
      list: (signal) => disks.list(signal),
    }),
  };
}

/** An address can go only after its interface. What no pool makes is not looked for. */
function leavingsOf(
  { config, session: { services } }: PartsOptions,
  { network: listing, disks }: Listings,
): readonly Leavings[] {
  const { network } = services;
  const addresses: Leavings = {
    kind: 'public addresses',
    usedBy: 'interfaces',
    listing: { until: (look, signal) => listing.until((list) => look(list.publicIps), signal) },
    delete: (name, signal) => network.deletePublicIp(name, signal),
  };
  return [
    {
      kind: 'interfaces',
      listing: { until: (look, signal) => listing.until((list) => look(list.interfaces), signal) },
      delete: (name, signal) => network.deleteInterface(name, signal),
    },
    ...(makesPublicIps(config) ? [addresses] : []),
    {
      kind: 'disks',
      listing: disks,
      delete: (name, signal) => services.disks.delete(name, signal),
    },
  ];
}

function makesPublicIps({ pools }: ProviderConfig): boolean {
  return pools.some(({ options }) => {
    const { publicIpv4, publicIpv6 } = options as AzurePoolOptions;
    return publicIpv4 || publicIpv6;
  });
}
