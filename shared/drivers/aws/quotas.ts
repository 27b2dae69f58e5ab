/** Questions about quota, put to AWS: limits, what instances use, what a label needs. */
import type { Instance, Volume } from '@aws-sdk/client-ec2';

import type { AwsLabelOptions } from '../../../schemas/config/drivers/aws.ts';
import type { PoolLabel, ProviderConfig } from '../../../schemas/config/model.ts';
import type { Quota } from '../../../schemas/quota.ts';
import type { Clock } from '../../base/clock.ts';
import { CloudError, hasCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import { Kept } from '../../cloud/kept.ts';
import { addQuota } from '../../cloud/quota.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { ExternalId, ListedInstance } from '../driver.ts';
import type { Limits } from './client/limits.ts';
import { tagRecord } from './client/tags.ts';
import { externalIdOf } from './ids.ts';
import type { HostList, InstanceList } from './instance-list.ts';
import type { InstanceTypes } from './instance-types.ts';
import {
  configuredCodes,
  hostQuota,
  instanceQuota,
  labelVolumeQuota,
  limitsFor,
  marketOf,
  typeQuota,
  type ConfiguredCodes,
} from './quota.ts';

/** Limits change when somebody asks AWS for more; its service for them is slow and allows few calls. */
const LIMITS_GOOD_SECONDS = 300;

const NO_LIMITS: ReadonlyMap<string, number> = new Map();

export interface QuotasOptions {
  readonly config: ProviderConfig;
  readonly services: { readonly limits: Pick<Limits, 'quotas'> };
  readonly types: InstanceTypes;
  readonly instances: SharedListing<InstanceList>;
  readonly volumes: SharedListing<readonly Volume[]>;
  readonly hosts: SharedListing<HostList>;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Quotas {
  readonly #options: QuotasOptions;
  readonly #codes: ConfiguredCodes;
  readonly #ec2: Kept<ReadonlyMap<string, number>>;
  readonly #ebs: Kept<ReadonlyMap<string, number>>;
  #isToldOf = false;
  /** Codes without a limit, as far as that has been told. */
  readonly #unlimited = new Set<string>();

  constructor(options: QuotasOptions) {
    const { config, services, clock } = options;
    this.#options = options;
    this.#codes = configuredCodes(config);
    const kept = (service: 'ec2' | 'ebs'): Kept<ReadonlyMap<string, number>> =>
      new Kept((signal) => services.limits.quotas(service, signal), {
        clock,
        forSeconds: LIMITS_GOOD_SECONDS,
      });
    this.#ec2 = kept('ec2');
    this.#ebs = kept('ebs');
  }

  /** Of the configured types of instances, hosts and volumes; what is not limited costs no call. */
  async limits(signal: AbortSignal): Promise<Quota> {
    const { volumes, hosts, config } = this.#options;
    const codes = this.#codes;
    const none = Promise.resolve(NO_LIMITS);
    const [ec2, ebs, hostList, volumeList] = await Promise.all([
      codes.instances.size + codes.hosts.size > 0 ? this.#orNone(this.#ec2, signal) : none,
      this.#limitsVolumes ? this.#orNone(this.#ebs, signal) : none,
      codes.hosts.size > 0 ? hosts.next(signal) : new Map<string, never>(),
      this.#limitsVolumes ? volumes.next(signal) : [],
    ]);
    this.#tellUnlimited([...codes.instances, ...codes.hosts], ec2);
    this.#tellUnlimited([...codes.storage, ...codes.iops], ebs);
    return limitsFor({
      ...{ codes, ec2, ebs, provider: config.name },
      hosts: hostList.values(),
      volumes: volumeList,
    });
  }

  /** All instances of the account, with what each takes. */
  async instances(signal: AbortSignal): Promise<readonly ListedInstance[]> {
    const { instances, volumes, types, config } = this.#options;
    const [listed, volumeList] = await Promise.all([
      instances.next(signal),
      this.#limitsVolumes ? volumes.next(signal) : [],
    ]);
    const all = [...listed.values()];
    const names = new Set(all.flatMap(({ InstanceType }) => InstanceType ?? []));
    const known = await types.known(names, signal);
    const byId = new Map(volumeList.map((volume) => [volume.VolumeId ?? '', volume]));
    return all.map((instance) => ({
      externalId: listedIdOf(instance),
      metadata: tagRecord(instance.Tags),
      resources: instanceQuota(instance, {
        ...{ type: known.get(instance.InstanceType ?? ''), volumes: byId, provider: config.name },
      }),
    }));
  }

  /**
   * What a node of the label takes. Where AWS chooses among the types of a fleet nothing is known of
   * processors before it has.
   */
  async need(label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    const options = label.options as AwsLabelOptions;
    const { instanceType = '', fleet, dedicatedHost } = options;
    if (instanceType !== '') return this.#ofType(instanceType, options, signal);
    const [type, ...others] = fleet?.['instance-types'] ?? [];
    if (type === undefined || dedicatedHost)
      throw new CloudError('NP_CLOUD_FATAL', `label ${label.name}: there is no instance type`, {
        hint: `give the label an instance-type${dedicatedHost ? '' : ' or a fleet'}`,
      });
    const { types } = this.#options;
    const known = await types.known([type, ...others], signal);
    // AWS takes one of those that there are.
    if (![type, ...others].some((one) => known.has(one))) await types.get(type, signal);
    return addQuota({ instances: 1 }, labelVolumeQuota(options));
  }

  /** What a launched instance of the label takes. */
  async ofInstance(instance: Instance, label: PoolLabel, signal: AbortSignal): Promise<Quota> {
    const { InstanceType: type } = instance;
    if (type === undefined) return this.need(label, signal);
    return this.#ofType(type, label.options as AwsLabelOptions, signal);
  }

  async #ofType(type: string, options: AwsLabelOptions, signal: AbortSignal): Promise<Quota> {
    const info = await this.#options.types.get(type, signal);
    const machine = options.dedicatedHost ? hostQuota(type) : typeQuota(info, marketOf(options));
    return addQuota(machine, labelVolumeQuota(options));
  }

  /** Who may not see them goes without: AWS refuses what is too much, and the request waits. */
  async #orNone(
    limits: Kept<ReadonlyMap<string, number>>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> {
    try {
      return await limits.get(signal);
    } catch (error) {
      throwIfAborted(signal);
      if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      const { log, config } = this.#options;
      if (!this.#isToldOf) log.warn('limits of AWS unknown', { provider: config.name, error });
      this.#isToldOf = true;
      return NO_LIMITS;
    }
  }

  /** What is attached counts only where a limit of volumes does. */
  get #limitsVolumes(): boolean {
    return this.#codes.storage.size + this.#codes.iops.size > 0;
  }

  /** Once: a region may lack a limit that others have. */
  #tellUnlimited(codes: Iterable<string>, limits: ReadonlyMap<string, number>): void {
    for (const code of codes) {
      if (limits === NO_LIMITS || limits.has(code) || this.#unlimited.has(code)) continue;
      this.#unlimited.add(code);
      this.#options.log.info('AWS tells no limit by this code', {
        ...{ provider: this.#options.config.name, code },
      });
    }
  }
}

/** As a launch reports it: with the host that it stands on. */
function listedIdOf({ InstanceId: instance = '', Placement }: Instance): ExternalId {
  const { HostId: host } = Placement ?? {};
  return externalIdOf({ instance, ...(host !== undefined && { host }) });
}
