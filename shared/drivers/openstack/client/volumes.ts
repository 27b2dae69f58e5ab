/** Cinder's interface, as far as Nodepool needs it. Facts: docs.openstack.org/api-ref/block-storage/v3. */
import { z } from 'zod';

import { listAll } from './pages.ts';
import { readBody } from './read.ts';
import type { Service } from './service.ts';

const volume = z.object({
  id: z.string(),
  /** GB. */
  size: z.number(),
  status: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  attachments: z.array(z.object({ server_id: z.string() })).default([]),
});

const limits = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalVolumes: z.number(),
      maxTotalVolumeGigabytes: z.number(),
      totalVolumesUsed: z.number().default(0),
      totalGigabytesUsed: z.number().default(0),
    }),
  }),
});

export type Volume = z.output<typeof volume>;
export type VolumeLimits = z.output<typeof limits>['limits']['absolute'];

export class Volumes {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  volumes(signal: AbortSignal): Promise<readonly Volume[]> {
    return listAll(this.#service, { path: 'volumes/detail', key: 'volumes', item: volume }, signal);
  }

  /** Undefined: there is none. */
  async volume(id: string, signal: AbortSignal): Promise<Volume | undefined> {
    const path = `volumes/${encodeURIComponent(id)}`;
    const { status, body } = await this.#service.call(
      { method: 'GET', path, expect: [404] },
      signal,
    );
    if (status === 404) return undefined;
    return readBody(z.object({ volume }), body, 'GET volumes/ID').volume;
  }

  async limits(signal: AbortSignal): Promise<VolumeLimits> {
    const { body } = await this.#service.call({ method: 'GET', path: 'limits' }, signal);
    return readBody(limits, body, 'GET limits').limits.absolute;
  }

  /** Adds to a volume's metadata. A volume that is gone is no error. */
  async tag(
    id: string,
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    const path = `volumes/${encodeURIComponent(id)}/metadata`;
    await this.#service.call(
      { method: 'POST', path, json: { metadata }, isRepeatable: true, expect: [404] },
      signal,
    );
  }

  /** One that is gone is no error. */
  async deleteVolume(id: string, signal: AbortSignal): Promise<void> {
    const path = `volumes/${encodeURIComponent(id)}`;
    await this.#service.call({ method: 'DELETE', path, expect: [404] }, signal);
  }
}
