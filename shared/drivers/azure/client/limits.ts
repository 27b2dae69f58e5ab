/** What the subscription may have in a location, and what there is to have. */
import type { ResourceSku, Usage } from '@azure/arm-compute';

import type { Caller } from './caller.ts';

export class Limits {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** Limits of the subscription and how much of each is used. */
  async usages(location: string, signal: AbortSignal): Promise<readonly Usage[]> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.all((options) => client.usage.list(location, options), signal);
  }

  /** Kinds of machines and disks of the location. Some megabytes: a call that takes seconds. */
  async skus(location: string, signal: AbortSignal): Promise<readonly ResourceSku[]> {
    const { client } = await this.#caller.sdk.compute();
    const filter = `location eq '${location.replaceAll("'", "''")}'`;
    return this.#caller.all((options) => client.resourceSkus.list({ ...options, filter }), signal);
  }
}
