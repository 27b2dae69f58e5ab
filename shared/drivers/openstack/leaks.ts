/** What can outlive its node in OpenStack: servers, volumes, floating IPs, ports. */
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { LeakableResource, LeakCollector } from '../driver.ts';
import type { FloatingIp } from './client/network.ts';
import type { Volume } from './client/volumes.ts';
import type { Deletions } from './deletion.ts';
import { readDescription } from './ids.ts';
import type { LeftPorts } from './left-ports.ts';
import type { ServerList } from './server-list.ts';
import type { CloudServices } from './services.ts';

export interface LeaksOptions {
  readonly provider: string;
  readonly services: CloudServices;
  readonly deletions: Deletions;
  readonly servers: SharedListing<ServerList>;
  /** Undefined: not looked for. */
  readonly volumes: SharedListing<readonly Volume[]> | undefined;
  readonly floatingIps: SharedListing<readonly FloatingIp[]> | undefined;
  readonly ports: LeftPorts | undefined;
  /** Floating IPs of anybody that are bound to nothing are leaks, too. */
  readonly cleansFloatingIps: boolean;
}

export class Leaks implements LeakCollector {
  readonly #options: LeaksOptions;

  constructor(options: LeaksOptions) {
    this.#options = options;
  }

  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const { servers, volumes, floatingIps, ports } = this.#options;
    const list = await servers.next(signal);
    return [
      ...[...list.values()].map(({ id, metadata }) => ({
        kind: 'instances',
        id,
        externalId: id,
        metadata,
      })),
      ...((await volumes?.next(signal)) ?? []).flatMap(leftVolume),
      ...((await floatingIps?.next(signal)) ?? []).flatMap((one) => this.#leftFloatingIp(one)),
      ...((await ports?.list(list, signal)) ?? []),
    ];
  }

  async delete({ kind, id }: LeakableResource, signal: AbortSignal): Promise<void> {
    const { services, deletions, ports } = this.#options;
    if (kind === 'instances')
      await deletions.run({ externalId: id, nodeId: '', driverData: null }, signal);
    else if (kind === 'volumes') await services.volumes?.deleteVolume(id, signal);
    else if (kind === 'floatingips') await services.network?.deleteFloatingIp(id, signal);
    else await ports?.delete(id, signal);
  }

  #leftFloatingIp({ id, description, port_id: port }: FloatingIp): readonly LeakableResource[] {
    const kind = 'floatingips';
    const tags = readDescription(description);
    if (tags !== undefined) return [{ kind, id, metadata: tags }];
    if (port || !this.#options.cleansFloatingIps) return [];
    const nodepool_provider_name = this.#options.provider;
    return [{ kind, id, metadata: { nodepool_provider_name, nodepool_node_id: 'nobody' } }];
  }
}

/** One that a server uses goes with the server. */
function leftVolume({ id, metadata, attachments }: Volume): readonly LeakableResource[] {
  if (attachments.length > 0 || metadata.nodepool_node_id === undefined) return [];
  return [{ kind: 'volumes', id, metadata }];
}
