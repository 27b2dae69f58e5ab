/**
 * One launch, from Google's point of view:
 *
 *   report the name -> create -> listings until the instance runs and has its addresses
 *     -> where none shows it: what became of the operation
 */
import { randomUUID } from 'node:crypto';

import type { Quota } from '../../../schemas/quota.ts';
import type { GceLabelOptions } from '../../../schemas/config/drivers/gce.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import type { Clock } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { LookUps } from '../../cloud/look-ups.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { Instance, LaunchSpec } from '../driver.ts';
import { addressesOf } from './addresses.ts';
import type { GceInstance, InstanceBegun, Instances } from './client/instances.ts';
import type { GcePlace } from './client/place.ts';
import { createInstance } from './creation.ts';
import type { Fates } from './fates.ts';
import { instanceName, lastPart } from './ids.ts';
import type { InstanceList } from './instance-list.ts';
import { instanceRequest } from './instance-request.ts';
import type { KnownTypes } from './machine-types.ts';
import { untilRunning } from './made.ts';

export interface LaunchesOptions {
  readonly config: ProviderConfig;
  readonly place: GcePlace;
  readonly clock: Clock;
  readonly instances: Pick<Instances, 'insert'>;
  readonly types: Pick<KnownTypes, 'wanted'>;
  readonly images: LaunchImages;
  readonly listing: SharedListing<InstanceList>;
  readonly lookUps: LookUps<GceInstance>;
  readonly fates: Pick<Fates, 'of'>;
  /** What an instance takes. */
  readonly takenBy: (instance: GceInstance, signal: AbortSignal) => Promise<Quota>;
}

export interface LaunchImages {
  imageFor(spec: LaunchSpec, signal: AbortSignal): Promise<string>;
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
    const { images, types, takenBy } = this.#options;
    // What can be wrong with the configuration shows before anything is reported.
    const image = await images.imageFor(spec, signal);
    const { instanceType } = spec.label.options as GceLabelOptions;
    const { selfLink } = await types.wanted(instanceType, spec.label.name, signal);
    const name = instanceName(spec.hostname, spec.attempt);
    await spec.created(name);
    const begun = await this.#create(name, spec, { image, machineType: selfLink }, signal);
    const instance = await untilRunning(this.#options, { name, ...begun }, signal);
    return { ...instanceOf(instance), resources: await takenBy(instance, signal) };
  }

  /** An image that was replaced by a newer one of its family may be gone: it is chosen anew, once. */
  async #create(
    name: string,
    spec: LaunchSpec,
    chosen: { readonly image: string; readonly machineType: string },
    signal: AbortSignal,
  ): Promise<InstanceBegun> {
    const { images } = this.#options;
    try {
      return await this.#createOf(name, spec, chosen, signal);
    } catch (error) {
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      images.drop();
      const image = await images.imageFor(spec, signal);
      if (image === chosen.image) throw error;
      return await this.#createOf(name, spec, { ...chosen, image }, signal);
    }
  }

  #createOf(
    name: string,
    spec: LaunchSpec,
    chosen: { readonly image: string; readonly machineType: string },
    signal: AbortSignal,
  ): Promise<InstanceBegun> {
    const { config, place } = this.#options;
    const request = instanceRequest({ name, spec, config, zone: place.zone, ...chosen });
    const owner = { provider: config.name, nodeId: spec.nodeId };
    return createInstance({ ...this.#options, newId: randomUUID }, { owner, request }, signal);
  }
}

/** An instance that runs, as the launcher knows it. Pure. */
export function instanceOf(instance: GceInstance): Instance {
  const { publicV4, privateV4, publicV6, privateV6, interfaceIp } = addressesOf(instance);
  const zone = lastPart(instance.zone);
  return {
    externalId: instance.name,
    interfaceIp: interfaceIp ?? null,
    publicIpv4: publicV4 ?? null,
    privateIpv4: privateV4 ?? null,
    publicIpv6: publicV6 ?? null,
    privateIpv6: privateV6 ?? null,
    cloud: 'Google',
    region: zone.replace(/-[^-]*$/, ''),
    availabilityZone: zone,
  };
}
