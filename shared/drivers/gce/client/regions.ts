/** The region: its zones, and what the project may use in it. */
import { z } from 'zod';

import type { Caller } from './caller.ts';
import type { GcePlace } from './place.ts';
import { readAnswer } from './read.ts';

const quotaSchema = z.object({
  /** CPUS, INSTANCES, N2_CPUS, ... */
  metric: z.string().default(''),
  limit: z.number().default(0),
  usage: z.number().default(0),
});

const regionSchema = z.object({
  name: z.string(),
  /** URLs. */
  zones: z.array(z.string()).default([]),
  quotas: z.array(quotaSchema).default([]),
});

export type RegionQuota = z.output<typeof quotaSchema>;
export type GceRegion = z.output<typeof regionSchema>;

export class Regions {
  readonly #caller: Caller;
  readonly #place: GcePlace;

  constructor(caller: Caller, place: GcePlace) {
    this.#caller = caller;
    this.#place = place;
  }

  /** @throws CloudError NP_CLOUD_NOT_FOUND where there is no such region, or project. */
  async get(signal: AbortSignal): Promise<GceRegion> {
    const { project, region } = this.#place;
    const client = await this.#caller.sdk.regions();
    return this.#caller.call(async (call) => {
      const [found] = await client.get({ project, region }, call);
      return readAnswer(regionSchema, found, 'a region');
    }, signal);
  }
}
