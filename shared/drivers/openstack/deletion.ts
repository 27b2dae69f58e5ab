/**
 * The end of a server and of what came with it:
 *
 *   floating IP -> server -> listings until none shows it -> volumes that nova left behind
 */
import { throwIfAborted } from '../../base/wait.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DeleteTarget } from '../driver.ts';
import type { Server } from './client/compute.ts';
import type { Volume } from './client/volumes.ts';
import type { FloatingIps } from './floating-ips.ts';
import { isServerId, readNodeData } from './ids.ts';
import type { ServerList } from './server-list.ts';
import type { CloudServices } from './services.ts';

export interface DeletionsOptions {
  readonly services: CloudServices;
  readonly servers: SharedListing<ServerList>;
  /** Undefined: the cloud has none. */
  readonly floatingIps: FloatingIps | undefined;
  /** Undefined: the cloud has none. */
  readonly volumes: SharedListing<readonly Volume[]> | undefined;
}

export class Deletions {
  readonly #options: DeletionsOptions;
  /** Servers that are being deleted here. */
  readonly #deleting = new Set<string>();
  /** Volumes that go with their server, of the servers listed last and of those being deleted. */
  #volumes = new Map<string, readonly string[]>();

  constructor(options: DeletionsOptions) {
    this.#options = options;
  }

  /** Learns from a listing what goes with which server. */
  learn(servers: ServerList): void {
    const volumes = new Map<string, readonly string[]>();
    for (const server of servers.values()) {
      const own = ownVolumes(server);
      if (own.length > 0) volumes.set(server.id, own);
    }
    for (const [id, own] of this.#volumes) if (this.#deleting.has(id)) volumes.set(id, own);
    this.#volumes = volumes;
  }

  async run({ externalId, driverData }: DeleteTarget, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!isServerId(externalId)) return;
    this.#deleting.add(externalId);
    try {
      await this.#releaseFloatingIps(externalId, driverData, signal);
      await this.#deleteServer(externalId, signal);
      await this.#deleteVolumes(externalId, signal);
    } finally {
      this.#deleting.delete(externalId);
    }
  }

  /** Asks once; nova's listing knows at once when a server is gone. */
  async #deleteServer(id: string, signal: AbortSignal): Promise<void> {
    const { services, servers } = this.#options;
    if (!(await services.compute.deleteServer(id, signal))) return;
    await servers.until((list) => !list.has(id) || undefined, signal);
  }

  /** Where the launch left no word, neutron is asked. */
  async #releaseFloatingIps(id: string, driverData: unknown, signal: AbortSignal): Promise<void> {
    const { floatingIps } = this.#options;
    if (floatingIps === undefined) return;
    const known = readNodeData(driverData);
    if (known?.floating_ip === null) return;
    const ids =
      known === undefined
        ? (await floatingIps.ofServer(id, signal)).map((one) => one.id)
        : [known.floating_ip];
    for (const one of ids) await floatingIps.release(one, signal);
  }

  /** Nova deletes them before it forgets the server; what remains was left behind. */
  async #deleteVolumes(serverId: string, signal: AbortSignal): Promise<void> {
    const { volumes: listing, services } = this.#options;
    const own = this.#volumes.get(serverId);
    if (own === undefined || listing === undefined) return;
    const remaining = (await listing.next(signal)).filter(
      ({ id, status }) => own.includes(id) && status !== 'deleting' && status !== 'deleted',
    );
    for (const { id } of remaining) await services.volumes?.deleteVolume(id, signal);
  }
}

function ownVolumes(server: Server): readonly string[] {
  return server['os-extended-volumes:volumes_attached']
    .filter((volume) => volume.delete_on_termination === true)
    .map(({ id }) => id);
}
