/**
 * The parts of a provider, put together.
 *
 * Servers are listed once a tick for all who wait, launches and deletions alike; so are ports,
 * floating IPs and volumes, each only while somebody wants to know of them.
 */
import { randomUUID } from 'node:crypto';

import type {
  OpenStackLabelOptions,
  OpenStackOptions,
  OpenStackPoolOptions,
} from '../../../schemas/config/drivers/openstack.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { listingSeconds } from '../../cloud/listing-pace.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import type { DriverEnv } from '../driver.ts';
import type { CloudConfig } from './client/cloud-config.ts';
import type { FloatingIp, Port } from './client/network.ts';
import type { Session } from './client/service.ts';
import type { Volume } from './client/volumes.ts';
import { serverCreations, type ServerCreations } from './creation.ts';
import { Deletions } from './deletion.ts';
import { CloudFacts } from './facts.ts';
import { FloatingIps, hasFloatingIps } from './floating-ips.ts';
import { GlanceStore } from './image-store.ts';
import { LabelImages } from './label-images.ts';
import { Launches } from './launch.ts';
import { Leaks } from './leaks.ts';
import { LeftPorts } from './left-ports.ts';
import { Quotas } from './quotas.ts';
import { serverListing, type ServerList } from './server-list.ts';
import type { CloudServices } from './services.ts';

export interface PartsOptions {
  readonly config: ProviderConfig;
  readonly env: DriverEnv;
  readonly cloud: CloudConfig;
  readonly session: Session;
  readonly services: CloudServices;
  /** Whether this host can reach IPv6 addresses. */
  readonly hasIpv6: boolean;
}

export interface Parts {
  readonly facts: CloudFacts;
  readonly quotas: Quotas;
  readonly labelImages: LabelImages;
  readonly creations: ServerCreations;
  readonly launches: Launches;
  readonly deletions: Deletions;
  readonly leaks: Leaks;
  readonly imageStore: GlanceStore;
  /** Ends all that runs. */
  close(): void;
}

/** Listings, each asked for once a tick for all who wait. */
interface Listings {
  readonly servers: SharedListing<ServerList>;
  readonly volumes: SharedListing<readonly Volume[]> | undefined;
  readonly ports: SharedListing<readonly Port[]> | undefined;
  readonly floatingIps: SharedListing<readonly FloatingIp[]> | undefined;
}

export async function openParts(options: PartsOptions, signal: AbortSignal): Promise<Parts> {
  const { config, env, cloud, session, services, hasIpv6 } = options;
  const { clock, log, random, imageCheckSeconds: checkSeconds } = env;
  const { networking } = cloud;
  const facts = new CloudFacts(services, networking);
  await facts.flavors.get(signal);
  const { roles } = await facts.networking.get(signal);
  const labelImages = new LabelImages({ config, facts, clock, log, checkSeconds });
  await labelImages.prepare(signal);

  const listings = openListings(options, (list) => {
    deletions.learn(list);
  });
  const { servers, volumes } = listings;
  const floatingIps =
    givesFloatingIps(config) && hasFloatingIps(networking, roles)
      ? openFloatingIps(services, listings)
      : undefined;
  const quotas = new Quotas({ session, services, facts, networking, servers, volumes });
  const onRefusal = (): void => {
    facts.drop();
  };
  const { compute } = services;
  const creations = serverCreations({ compute, clock, log, random, onRefusal });
  const deletions = new Deletions({ services, servers, floatingIps, volumes });
  const launches = new Launches({
    ...{ config, cloud, clock, hasIpv6, services, facts, creations, servers, floatingIps },
    images: labelImages,
    needOf: (spec, inner) => quotas.need(spec.label, spec.pool, inner),
  });
  return {
    ...{ facts, quotas, labelImages, creations, launches, deletions },
    leaks: openLeaks(options, listings, deletions),
    imageStore: openImageStore(options),
    close: () => {
      creations.close();
      labelImages.close();
      listings.servers.close();
      listings.volumes?.close();
      listings.ports?.close();
      listings.floatingIps?.close();
    },
  };
}

function openListings(
  { env, config, services: { compute, network, volumes } }: PartsOptions,
  onServers: (list: ServerList) => void,
): Listings {
  const { clock } = env;
  const pollSeconds = listingSeconds(env.pollSeconds, config.callsPerSecond);
  const shared = <T>(list: (signal: AbortSignal) => Promise<T>): SharedListing<T> =>
    new SharedListing({ clock, pollSeconds, list });
  return {
    servers: serverListing({ compute, clock, pollSeconds, onList: onServers }),
    volumes: volumes && shared((signal) => volumes.volumes(signal)),
    ports: network && shared((signal) => network.ports({}, signal)),
    floatingIps: network && shared((signal) => network.floatingIps({}, signal)),
  };
}

function openFloatingIps(
  { network }: CloudServices,
  { ports, floatingIps }: Listings,
): FloatingIps | undefined {
  if (network === undefined || ports === undefined || floatingIps === undefined) return undefined;
  return new FloatingIps({ network, ports, floatingIps });
}

function openLeaks(
  { env, config, services }: PartsOptions,
  { servers, volumes, floatingIps }: Listings,
  deletions: Deletions,
): Leaks {
  const { compute, network } = services;
  const { cleanFloatingIps, portCleanupIntervalSeconds: intervalSeconds } =
    config.options as OpenStackOptions;
  const ports =
    network && intervalSeconds > 0
      ? new LeftPorts({
          clock: env.clock,
          compute,
          network,
          provider: config.name,
          intervalSeconds,
        })
      : undefined;
  return new Leaks({
    ...{ provider: config.name, services, deletions, servers, ports },
    // What no label makes is not looked for.
    volumes: makesVolumes(config) ? volumes : undefined,
    floatingIps: givesFloatingIps(config) || cleanFloatingIps ? floatingIps : undefined,
    cleansFloatingIps: cleanFloatingIps,
  });
}

function openImageStore({ env, config, cloud, services }: PartsOptions): GlanceStore {
  return new GlanceStore({
    images: services.images,
    clock: env.clock,
    log: env.log,
    format: cloud.imageFormat,
    timeoutSeconds: (config.options as OpenStackOptions).imageUploadTimeoutSeconds,
    newId: () => randomUUID(),
    pollSeconds: listingSeconds(env.pollSeconds, config.callsPerSecond),
  });
}

function givesFloatingIps({ pools }: ProviderConfig): boolean {
  return pools.some(({ options }) => (options as OpenStackPoolOptions).autoFloatingIp);
}

function makesVolumes({ pools }: ProviderConfig): boolean {
  return pools.some(({ labels }) =>
    [...labels.values()].some(({ options }) => (options as OpenStackLabelOptions).bootFromVolume),
  );
}
