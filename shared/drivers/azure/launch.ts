/**
 * One launch, from Azure's point of view:
 *
 *   report the name -> create -> listings until the machine has been made
 *     -> listings of interfaces and public addresses until all are assigned
 *
 * The operation that Azure tells of is not asked for: the listing says the same of all machines.
 */
import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';

import type { ImageReference, VirtualMachine } from '@azure/arm-compute';

import type { Quota } from '../../../schemas/quota.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { Instance, LaunchSpec } from '../driver.ts';
import {
  addressesOf,
  allAssigned,
  hasPrivateAddresses,
  publicIpIds,
  type Addresses,
} from './addresses.ts';
import type { MachineBegun, Machines } from './client/machines.ts';
import { createMachine } from './creation.ts';
import type { CloudFacts } from './facts.ts';
import { isSameId, machineName } from './ids.ts';
import type { LookUps } from './look-up.ts';
import type { MachineList } from './machine-list.ts';
import { untilMade } from './made.ts';
import type { NetworkList } from './network-list.ts';
import { machineRequest } from './machine-request.ts';

export interface LaunchesOptions {
  readonly config: ProviderConfig;
  readonly clock: Clock;
  readonly machines: Machines;
  readonly facts: CloudFacts;
  readonly images: LaunchImages;
  readonly listing: SharedListing<MachineList>;
  readonly lookUps: LookUps;
  readonly network: SharedListing<NetworkList>;
  /** What a machine takes. */
  readonly takenBy: (machine: VirtualMachine, signal: AbortSignal) => Promise<Quota>;
}

export interface LaunchImages {
  imageFor(spec: LaunchSpec, signal: AbortSignal): Promise<ImageReference>;
  /** What is known of images may be outdated. */
  drop(): void;
}

export class Launches {
  readonly #options: LaunchesOptions;

  constructor(options: LaunchesOptions) {
    this.#options = options;
  }

  async run(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const { lookUps, listing, clock, takenBy } = this.#options;
    const { images, facts } = this.#options;
    // What can be wrong with the configuration shows before anything is reported.
    const subnetId = await facts.subnetId.get(signal);
    const image = await images.imageFor(spec, signal);
    const name = machineName(spec.hostname, spec.attempt);
    await spec.created(name);
    const begun = await this.#create(name, spec, { image, subnetId }, signal);
    const machine = await untilMade({ lookUps, listing, clock }, { name, ...begun }, signal);
    const addresses = await this.#addresses(machine, signal);
    return { ...instanceOf(machine, addresses), resources: await takenBy(machine, signal) };
  }

  /**
   * An image that was replaced by another of its name is known by its old id: what Azure refuses is
   * chosen anew, and asked for once more where that makes a difference.
   */
  async #create(
    name: string,
    spec: LaunchSpec,
    chosen: { readonly image: ImageReference; readonly subnetId: string },
    signal: AbortSignal,
  ): Promise<MachineBegun> {
    const { images, facts } = this.#options;
    try {
      return await this.#createOf(name, spec, chosen, signal);
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      images.drop();
      facts.drop();
      const subnetId = await facts.subnetId.get(signal);
      const again = { image: await images.imageFor(spec, signal), subnetId };
      if (isDeepStrictEqual(again, chosen)) throw error;
      return await this.#createOf(name, spec, again, signal);
    }
  }

  #createOf(
    name: string,
    spec: LaunchSpec,
    chosen: { readonly image: ImageReference; readonly subnetId: string },
    signal: AbortSignal,
  ): Promise<MachineBegun> {
    const { machines, listing, lookUps, config } = this.#options;
    const request = machineRequest({
      ...{ name, spec, config, ...chosen },
      pick: (below) => randomInt(below),
    });
    const owner = { provider: config.name, nodeId: spec.nodeId };
    return createMachine({ machines, listing, lookUps }, { name, owner, request }, signal);
  }

  #addresses(machine: VirtualMachine, signal: AbortSignal): Promise<Addresses> {
    const [main] = machine.networkProfile?.networkInterfaces ?? [];
    return this.#options.network.until(({ interfaces, publicIps }) => {
      const card = interfaces.find(({ id }) => isSameId(id, main?.id));
      if (card === undefined || !hasPrivateAddresses(card)) return undefined;
      const assigned = allAssigned(publicIps, publicIpIds(card));
      return assigned && addressesOf(card, assigned);
    }, signal);
  }
}

function instanceOf(
  { name = '', location, zones = [] }: VirtualMachine,
  { publicV4, privateV4, publicV6, privateV6, interfaceIp }: Addresses,
): Instance {
  return {
    externalId: name,
    interfaceIp: interfaceIp ?? null,
    publicIpv4: publicV4 ?? null,
    privateIpv4: privateV4 ?? null,
    publicIpv6: publicV6 ?? null,
    privateIpv6: privateV6 ?? null,
    cloud: 'Azure',
    region: location,
    availabilityZone: zones[0] ?? '',
  };
}
