/**
 * What the project may use, and what servers use of it.
 *
 *   nova:     instances, cores, ram (MiB)
 *   cinder:   volumes, volume-gb
 *   neutron:  ports, floating-ips: names of our own, as the original does not know these limits
 *
 * The launcher subtracts what foreign servers use. What cinder and neutron count that belongs to no
 * server (volumes that lie about, ports of routers) is subtracted here. All pure.
 */
import type { Quota } from '../../../schemas/quota.ts';
import { floatingAddresses, portCount } from './addresses.ts';
import type { ComputeLimits, Flavor, Server } from './client/compute.ts';
import type { NetworkQuota } from './client/network.ts';
import type { Volume, VolumeLimits } from './client/volumes.ts';
import { flavorQuota } from './flavors.ts';

export interface CloudLimits {
  readonly compute: ComputeLimits;
  /** Undefined: not known. */
  readonly volume: VolumeLimits | undefined;
  readonly network: NetworkQuota | undefined;
}

/** What a server takes, as far as the listings tell. */
export function serverQuota(
  server: Server,
  flavors: readonly Flavor[],
  volumes: ReadonlyMap<string, Volume>,
): Quota {
  const { flavor } = server;
  const known =
    flavor === undefined || 'vcpus' in flavor ? flavor : flavors.find(({ id }) => id === flavor.id);
  const attached = server['os-extended-volumes:volumes_attached'].flatMap(
    ({ id }) => volumes.get(id) ?? [],
  );
  const ports = portCount(server);
  const floating = floatingAddresses(server).length;
  return {
    ...(known === undefined ? { instances: 1 } : flavorQuota(known)),
    ...(attached.length > 0 && {
      volumes: attached.length,
      'volume-gb': attached.reduce((sum, { size }) => sum + size, 0),
    }),
    ...(ports > 0 && { ports }),
    ...(floating > 0 && { 'floating-ips': floating }),
  };
}

/** What is left for servers. A negative limit of the cloud means none. */
export function limitsFor(limits: CloudLimits, used: Quota): Quota {
  const { compute, volume, network } = limits;
  const { port, floatingip } = network ?? {};
  const all: Record<string, number | undefined> = {
    instances: compute.maxTotalInstances,
    cores: compute.maxTotalCores,
    ram: compute.maxTotalRAMSize,
    volumes: without(volume?.maxTotalVolumes, volume?.totalVolumesUsed, used.volumes),
    'volume-gb': without(
      volume?.maxTotalVolumeGigabytes,
      volume?.totalGigabytesUsed,
      used['volume-gb'],
    ),
    ports: without(port?.limit, port?.used, used.ports),
    'floating-ips': without(floatingip?.limit, floatingip?.used, used['floating-ips']),
  };
  return Object.fromEntries(
    Object.entries(all).filter(
      (entry): entry is [string, number] => entry[1] !== undefined && entry[1] >= 0,
    ),
  );
}

/** The limit less what is used by what is no server's. */
function without(limit: number | undefined, usedOfAll = 0, usedByServers = 0): number | undefined {
  if (limit === undefined || limit < 0) return undefined;
  return Math.max(0, limit - Math.max(0, usedOfAll - usedByServers));
}
