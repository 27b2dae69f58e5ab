/**
 * One launch, from IBM's point of view:
 *
 *   report the name -> reserve a floating IP, where the pool wants one -> create the machine
 *     -> listings until it runs -> give it the floating IP
 */
import { isDeepStrictEqual } from 'node:util';

import type { IbmVpcOptions, IbmVpcPoolOptions } from '../../../schemas/config/drivers/ibmvpc.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { Instance, LaunchSpec } from '../driver.ts';
import { giveAddress, type AddressesOptions } from './addresses.ts';
import type { FloatingIpRequest } from './client/floating-ips.ts';
import type { InstanceRequest, Instances } from './client/instances.ts';
import type { FloatingIp, VpcInstance } from './client/model.ts';
import type { Making, NamedCreations } from './creation.ts';
import type { CloudFacts } from './facts.ts';
import type { Groups } from './groups.ts';
import { machineName, poolGroupName } from './ids.ts';
import type { LabelImages } from './label-images.ts';
import type { MachineList } from './machine-list.ts';
import { machineRequest, type Chosen } from './machine-request.ts';
import { untilRunning, type RunningMachine } from './made.ts';

export interface LaunchesOptions {
  readonly config: ProviderConfig;
  readonly clock: Clock;
  readonly instances: Pick<Instances, 'get'>;
  readonly facts: CloudFacts;
  readonly groups: Pick<Groups, 'idOf' | 'drop'>;
  readonly images: LabelImages;
  readonly listing: SharedListing<MachineList>;
  readonly machines: NamedCreations<InstanceRequest>;
  readonly floatingIps: NamedCreations<FloatingIpRequest>;
  /** Gives addresses. */
  readonly addresses: AddressesOptions;
  /** The address that a creation has made. */
  readonly madeAddress: (name: string) => FloatingIp | undefined;
  /** What a machine takes. */
  readonly takenBy: (machine: VpcInstance, signal: AbortSignal) => Promise<Quota>;
}

export class Launches {
  readonly #options: LaunchesOptions;

  constructor(options: LaunchesOptions) {
    this.#options = options;
  }

  async run(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const { instances, listing, clock, takenBy } = this.#options;
    // What can be wrong with the configuration shows before anything is reported.
    const chosen = await this.#choose(spec, signal);
    const name = machineName(spec.hostname, spec.attempt);
    await spec.created(name);
    const { nodeId, attempt, metadata } = spec;
    const made = await this.#make({ nodeId, attempt, name, metadata }, spec, chosen, signal);
    const machine = await untilRunning({ instances, listing, clock }, { ...made, name }, signal);
    const address = await this.#address(made.floatingIp, machine, signal);
    const resources = await takenBy(machine, signal);
    return { ...this.#instanceOf(machine, address), resources };
  }

  async #choose(spec: LaunchSpec, signal: AbortSignal): Promise<Chosen> {
    const { facts, groups, images, config } = this.#options;
    const { image: imageName, keys } = images.keysOf(spec.label);
    return {
      image: await images.imageFor(spec, signal),
      vpcId: await facts.vpcId(signal),
      subnetId: await facts.subnetId(spec.pool, signal),
      groupId: await groups.idOf(poolGroupName(config.name, spec.pool.name), signal),
      keyIds: await facts.keyIds(keys, imageName, signal),
    };
  }

  /**
   * What was replaced by another of its name is known by its old id: what IBM refuses is chosen anew, and
   * asked for once more where that makes a difference.
   */
  async #make(
    making: Making,
    spec: LaunchSpec,
    chosen: Chosen,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly floatingIp: FloatingIp | undefined }> {
    try {
      return await this.#makeOf(making, spec, chosen, signal);
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      const { facts, groups, images } = this.#options;
      for (const known of [facts, groups, images]) known.drop();
      const again = await this.#choose(spec, signal);
      if (isDeepStrictEqual(again, chosen)) throw error;
      return this.#makeOf(making, spec, again, signal);
    }
  }

  async #makeOf(
    making: Making,
    spec: LaunchSpec,
    chosen: Chosen,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly floatingIp: FloatingIp | undefined }> {
    const { machines, floatingIps, madeAddress } = this.#options;
    const { name } = making;
    const { publicIpv4, zone } = spec.pool.options as IbmVpcPoolOptions;
    let floatingIp: FloatingIp | undefined;
    if (publicIpv4) {
      const body = { name, groupId: chosen.groupId, zone };
      await floatingIps.create(making, { making, body }, signal);
      floatingIp = madeAddress(name);
      if (floatingIp === undefined) throw goneError(name);
    }
    const body = machineRequest(name, spec, chosen);
    return { id: await machines.create(making, { making, body }, signal), floatingIp };
  }

  async #address(
    made: FloatingIp | undefined,
    machine: RunningMachine,
    signal: AbortSignal,
  ): Promise<FloatingIp | undefined> {
    if (made === undefined) return undefined;
    return giveAddress(this.#options.addresses, made, machine, signal);
  }

  #instanceOf(machine: RunningMachine, address: FloatingIp | undefined): Instance {
    const { region } = this.#options.config.options as IbmVpcOptions;
    const { name, zone, card } = machine;
    return {
      externalId: name,
      interfaceIp: address?.address ?? card.address,
      publicIpv4: address?.address ?? null,
      privateIpv4: card.address,
      publicIpv6: null,
      privateIpv6: null,
      cloud: 'IBM',
      region,
      availabilityZone: zone,
    };
  }
}

function goneError(name: string): CloudError {
  return new CloudError('NP_CLOUD_TRANSIENT', `floating IP ${name} was deleted by somebody else`, {
    labels: ['retryable'],
  });
}
