/**
 * What EC2 tells of instance types: processors and memory. Kept for good, as a type never changes.
 *
 * All that are configured are asked for in one call. One that the region does not have is asked for
 * again by whoever needs it, since it may come.
 */
import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';

import type { AwsOptions } from '../../../schemas/config/drivers/aws.ts';
import type { ProviderConfig } from '../../../schemas/config/model.ts';
import { CloudError, hasCode } from '../../base/errors.ts';
import { SharedCalls } from '../../cloud/shared-calls.ts';
import type { Compute } from './client/compute.ts';
import { instanceTypesOf, labelOptionsOf } from './quota.ts';

export interface InstanceTypesOptions {
  readonly config: ProviderConfig;
  readonly compute: Pick<Compute, 'instanceTypes'>;
}

export class InstanceTypes {
  readonly #options: InstanceTypesOptions;
  readonly #known = new Map<string, InstanceTypeInfo>();
  /** Asked for in vain, with what AWS said. */
  readonly #refused = new Map<string, CloudError>();
  readonly #calls = new SharedCalls<unknown>();

  constructor(options: InstanceTypesOptions) {
    this.#options = options;
  }

  /** Asks for all that are configured and not known yet; one that does not exist is no error. */
  async prepare(signal: AbortSignal): Promise<void> {
    await this.#ask(this.#configured(), signal);
  }

  /** @throws CloudError NP_CLOUD_FATAL: AWS knows no such type in this region, or tells us nothing. */
  async get(name: string, signal: AbortSignal): Promise<InstanceTypeInfo> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // With the first one that is needed come all others, but for those that were asked for in vain.
    const others = this.#configured().filter((one) => one !== name && !this.#refused.has(one));
    await this.#ask([name, ...others], signal);
    const found = this.#known.get(name);
    if (found !== undefined) return found;
    throw this.#unknownError(name);
  }

  /** Those of the names that AWS knows. What it did not know once is not asked for again. */
  async known(
    names: Iterable<string>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, InstanceTypeInfo>> {
    await this.#ask(
      [...names].filter((name) => !this.#refused.has(name)),
      signal,
    );
    return this.#known;
  }

  /** All in one call, or each alone where AWS refuses them together because of one. */
  async #ask(names: readonly string[], signal: AbortSignal): Promise<void> {
    const wanted = [...new Set(names)].filter((name) => !this.#known.has(name)).toSorted();
    if (wanted.length === 0) return;
    await this.#calls.run(wanted.join(), signal, async (inner) => {
      if (await this.#learn(wanted, inner)) return;
      if (wanted.length > 1) await Promise.all(wanted.map((name) => this.#learn([name], inner)));
    });
  }

  /** False: AWS refuses one of them, or all. */
  async #learn(names: readonly string[], signal: AbortSignal): Promise<boolean> {
    try {
      for (const info of await this.#options.compute.instanceTypes(names, signal))
        if (info.InstanceType !== undefined) this.#known.set(info.InstanceType, info);
    } catch (error) {
      if (!(error instanceof CloudError) || !hasCode(error, 'NP_CLOUD_FATAL')) throw error;
      const [only = '', ...others] = names;
      if (others.length === 0) this.#refused.set(only, error);
      return false;
    }
    for (const name of names) this.#refused.delete(name);
    return true;
  }

  #unknownError(name: string): CloudError {
    const { regionName = 'its own' } = this.#options.config.options as AwsOptions;
    const cause = this.#refused.get(name);
    const why = cause === undefined ? 'AWS does not know it' : cause.message;
    return new CloudError('NP_CLOUD_FATAL', `instance type ${name} in ${regionName}: ${why}`, {
      hint:
        cause?.hint ??
        `\`aws ec2 describe-instance-type-offerings --region ${regionName}\` lists those that there are`,
      ...(cause !== undefined && { cause }),
    });
  }

  #configured(): readonly string[] {
    return labelOptionsOf(this.#options.config).flatMap(instanceTypesOf);
  }
}
