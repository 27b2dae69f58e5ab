/**
 * One launch, from AWS's point of view:
 *
 *   (a host of its own: allocate -> report its id -> listings until it is available)
 *     -> create -> report the id -> listings until it is running and has an address
 */
import { isDeepStrictEqual } from 'node:util';

import type { Instance as Ec2Instance } from '@aws-sdk/client-ec2';

import type { AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode, hasLabel } from '../../base/errors.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { Batches } from '../../cloud/batches.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { Instance, LaunchSpec } from '../driver.ts';
import { addressesOf } from './addresses.ts';
import type { Compute } from './client/compute.ts';
import { stoppedError } from './client/errors.ts';
import type { InstanceCreations, InstanceRequest } from './creation.ts';
import type { CloudFacts } from './facts.ts';
import { fleetRequest } from './fleet.ts';
import type { Hosts } from './hosts.ts';
import { externalIdOf, type NodeIds } from './ids.ts';
import { instancesById, type InstanceList } from './instance-list.ts';
import { instanceRequest, labelOptions } from './instance-request.ts';
import type { LabelImages } from './label-images.ts';
import type { LaunchTemplates } from './launch-templates.ts';

export interface LaunchesOptions {
  readonly config: ProviderConfig;
  readonly clock: Clock;
  readonly compute: Compute;
  readonly facts: CloudFacts;
  readonly images: LabelImages;
  readonly templates: LaunchTemplates;
  readonly creations: InstanceCreations;
  readonly hosts: Hosts;
  readonly instances: SharedListing<InstanceList>;
  /** What an instance that runs is said to take. */
  readonly resourcesOf: (
    instance: Ec2Instance,
    label: PoolLabel,
    signal: AbortSignal,
  ) => Promise<Quota>;
}

/** AWS's limit for the values of a filter. */
const MOST_UNLISTED = 200;

/** An instance that AWS does not know so long after it said its id is not going to be there. */
const UNKNOWN_MS = 120_000;

export class Launches {
  readonly #options: LaunchesOptions;
  /** Instances that the listing does not show yet or any more, asked for together. */
  readonly #unlisted: Batches<InstanceList>;

  constructor(options: LaunchesOptions) {
    this.#options = options;
    const { compute } = options;
    this.#unlisted = new Batches({
      most: MOST_UNLISTED,
      call: async (ids, signal) => instancesById(await compute.instancesOf(ids, signal)),
    });
  }

  async run(spec: LaunchSpec, signal: AbortSignal): Promise<Instance> {
    throwIfAborted(signal);
    const host = await this.#hostFor(spec, signal);
    const instance = await this.#create(spec, host, signal);
    const ids: NodeIds = { instance, ...(host !== undefined && { host }) };
    await spec.created(externalIdOf(ids));
    const running = await this.#untilRunning(instance, signal);
    const resources = await this.#options.resourcesOf(running, spec.label, signal);
    return { ...this.#instanceOf(ids, running), resources };
  }

  close(): void {
    this.#unlisted.close();
  }

  /** Undefined: it may stand on any. */
  async #hostFor(spec: LaunchSpec, signal: AbortSignal): Promise<string | undefined> {
    const { hosts } = this.#options;
    if (!labelOptions(spec).dedicatedHost) return undefined;
    const host = await hosts.allocate(spec, signal);
    await spec.created(externalIdOf({ host }));
    await hosts.untilAvailable(host, signal);
    return host;
  }

  /**
   * An image that was replaced is known by its old id, and a launch template may have been deleted by
   * somebody to whom it was of no use: what AWS refuses is chosen anew, and asked for once more where
   * that makes a difference.
   */
  async #create(spec: LaunchSpec, host: string | undefined, signal: AbortSignal): Promise<string> {
    const { creations, facts } = this.#options;
    const request = await this.#request(spec, host, signal);
    try {
      return await creations.create(spec, request, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (!isRefusal(error)) throw error;
      facts.drop();
      const again = await this.#request(spec, host, signal);
      const isRestored = await this.#restoreTemplate(spec, signal);
      if (!isRestored && isDeepStrictEqual(again, request)) throw error;
      return creations.create(spec, again, signal);
    }
  }

  async #request(
    spec: LaunchSpec,
    hostId: string | undefined,
    signal: AbortSignal,
  ): Promise<InstanceRequest> {
    const { images, templates } = this.#options;
    const image = await images.imageFor(spec, signal);
    const { ImageId: imageId = '' } = image;
    const { fleet } = labelOptions(spec);
    if (fleet === undefined)
      return { kind: 'instance', imageId, input: instanceRequest({ spec, image, hostId }) };
    const templateName = templates.nameFor(spec.pool, spec.label);
    return { kind: 'fleet', imageId, input: fleetRequest({ spec, fleet, imageId, templateName }) };
  }

  /** Whether it was missing. */
  async #restoreTemplate(spec: LaunchSpec, signal: AbortSignal): Promise<boolean> {
    if (labelOptions(spec).fleet === undefined) return false;
    return this.#options.templates.restore(spec.pool, spec.label, signal);
  }

  /** Resolves with the instance when it runs and has an address. */
  #untilRunning(id: string, signal: AbortSignal): Promise<Ec2Instance> {
    const { instances, clock } = this.#options;
    const sinceMs = clock.monotonic();
    let wasShown = false;
    return instances.until(async (list) => {
      wasShown ||= list.has(id);
      // Only AWS's own word on it says why an instance is not listed any more, or not yet.
      const known = list.has(id) ? list : await this.#ask(id, signal);
      if (known === undefined) return undefined;
      const instance = known.get(id);
      if (instance === undefined) {
        if (!wasShown && clock.monotonic() - sinceMs < UNKNOWN_MS) return undefined;
        throw new CloudError('NP_CLOUD_TRANSIENT', `instance ${id} was deleted by somebody else`, {
          labels: ['retryable'],
        });
      }
      const state = instance.State?.Name ?? 'pending';
      if (state === 'pending') return undefined;
      if (state !== 'running') throw stoppedError(instance);
      return addressesOf(instance).interfaceIp === undefined ? undefined : instance;
    }, signal);
  }

  /** Undefined: AWS does not answer now, which says nothing about the instance. */
  async #ask(id: string, signal: AbortSignal): Promise<InstanceList | undefined> {
    try {
      return await this.#unlisted.run(id, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (!hasLabel(error, 'retryable')) throw error;
      return undefined;
    }
  }

  #instanceOf(ids: NodeIds, instance: Ec2Instance): Instance {
    const { regionName } = this.#options.config.options as AwsOptions;
    const { interfaceIp, publicV4, privateV4, publicV6 } = addressesOf(instance);
    return {
      externalId: externalIdOf(ids),
      // What is missing is null, as in the original.
      interfaceIp: interfaceIp ?? null,
      publicIpv4: publicV4 ?? null,
      privateIpv4: privateV4 ?? null,
      publicIpv6: publicV6 ?? null,
      privateIpv6: null,
      hostId: null,
      cloud: 'AWS',
      region: regionName ?? null,
      availabilityZone: instance.Placement?.AvailabilityZone ?? null,
    };
  }
}

/** Whether AWS has looked at the request and does not like what it names, or does not know it (yet). */
function isRefusal(error: unknown): boolean {
  if (hasCode(error, 'NP_CLOUD_FATAL')) return true;
  return hasLabel(error, 'retryable') && !hasLabel(error, 'ambiguous');
}
