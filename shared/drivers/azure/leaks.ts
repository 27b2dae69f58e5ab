/**
 * What can outlive its node, or its upload, in Azure: machines, network interfaces, public addresses,
 * disks, images. Azure puts a machine's tags on all that it makes with it.
 *
 * What is in use goes with what uses it: an interface with its machine, an address after its interface.
 */
import type { Disk, Image, VirtualMachine } from '@azure/arm-compute';
import type { NetworkInterface, PublicIPAddress } from '@azure/arm-network';

import type { Logger } from '../../base/log.ts';
import { Extras } from '../../cloud/extras.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DeleteTarget, LeakableResource, LeakCollector } from '../driver.ts';
import { removeDisk, type DiskRemovals } from './disk-removal.ts';

/** What asks Azure. What is gone is no error. */
export interface LeakServices {
  readonly network: {
    interfaces(signal: AbortSignal): Promise<readonly NetworkInterface[]>;
    publicIps(signal: AbortSignal): Promise<readonly PublicIPAddress[]>;
    deleteInterface(name: string, signal: AbortSignal): Promise<unknown>;
    deletePublicIp(name: string, signal: AbortSignal): Promise<unknown>;
  };
  readonly disks: DiskRemovals & {
    list(signal: AbortSignal): Promise<readonly Disk[]>;
    get(name: string, signal: AbortSignal): Promise<Disk | undefined>;
  };
  readonly images: {
    list(signal: AbortSignal): Promise<readonly Image[]>;
    delete(name: string, signal: AbortSignal): Promise<unknown>;
  };
}

export interface LeaksOptions {
  readonly services: LeakServices;
  readonly deletions: { run(target: DeleteTarget, signal: AbortSignal): Promise<void> };
  /** By name. */
  readonly machines: SharedListing<ReadonlyMap<string, VirtualMachine>>;
  readonly log: Logger;
}

/** The original's names, which are parts of metrics. */
const KINDS = {
  machine: 'INSTANCEs',
  interface: 'nics',
  publicIp: 'pips',
  disk: 'disks',
  image: 'images',
} as const;

export class Leaks implements LeakCollector {
  readonly #options: LeaksOptions;
  readonly #extras: Extras;

  constructor(options: LeaksOptions) {
    this.#options = options;
    this.#extras = new Extras(options.log);
  }

  async list(signal: AbortSignal): Promise<readonly LeakableResource[]> {
    const { services, machines } = this.#options;
    const { network, disks, images } = services;
    const list = await machines.next(signal);
    const [interfaces, publicIps, allDisks, allImages] = await Promise.all([
      this.#ask(KINDS.interface, () => network.interfaces(signal)),
      this.#ask(KINDS.publicIp, () => network.publicIps(signal)),
      this.#ask(KINDS.disk, () => disks.list(signal)),
      this.#ask(KINDS.image, () => images.list(signal)),
    ]);
    return [
      ...[...list.values()]
        .flatMap((machine) => leakable(KINDS.machine, machine))
        .map((one) => ({ ...one, externalId: one.id })),
      ...interfaces
        .filter(({ virtualMachine }) => virtualMachine?.id === undefined)
        .flatMap((one) => leakable(KINDS.interface, one)),
      ...publicIps
        .filter(({ ipConfiguration }) => ipConfiguration?.id === undefined)
        .flatMap((one) => leakable(KINDS.publicIp, one)),
      ...allDisks
        .filter(({ managedBy }) => managedBy === undefined || managedBy === '')
        .flatMap((one) => leakable(KINDS.disk, one)),
      ...allImages.flatMap((one) => leakable(KINDS.image, one)),
    ];
  }

  async delete({ kind, id }: LeakableResource, signal: AbortSignal): Promise<void> {
    const { services, deletions } = this.#options;
    const { network, disks, images } = services;
    if (kind === KINDS.machine)
      await deletions.run({ externalId: id, nodeId: '', driverData: null }, signal);
    else if (kind === KINDS.interface) await network.deleteInterface(id, signal);
    else if (kind === KINDS.publicIp) await network.deletePublicIp(id, signal);
    else if (kind === KINDS.disk) await removeDisk(disks, await disks.get(id, signal), signal);
    else await images.delete(id, signal);
  }

  /** One kind that we may not list keeps nobody from the others. */
  async #ask<T>(kind: string, list: () => Promise<readonly T[]>): Promise<readonly T[]> {
    return (await this.#extras.ask(`list of ${kind}`, list)) ?? [];
  }
}

/** What has no tags is nobody's that we know. */
function leakable(
  kind: string,
  { name, tags }: { readonly name?: string; readonly tags?: Record<string, string> },
): readonly LeakableResource[] {
  return name === undefined || tags === undefined ? [] : [{ kind, id: name, metadata: tags }];
}
