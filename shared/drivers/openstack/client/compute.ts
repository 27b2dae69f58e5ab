/**
 * Nova's interface, as far as Nodepool needs it. Facts: docs.openstack.org/api-ref/compute.
 *
 * Servers are listed with microversion 2.47 where nova speaks it (from Pike on): then each says what
 * its flavor gives, and which of its volumes go with it.
 */
import { z } from 'zod';

import { hasCode } from '../../../base/errors.ts';
import { listAll } from './pages.ts';
import { readBody } from './read.ts';
import type { Service } from './service.ts';

/** The first with the flavor in each server; 2.3 has `delete_on_termination`. */
const LISTING_MICROVERSION = '2.47';
/** A busy nova takes long to create a server; what is given up may exist nevertheless. */
const CREATE_PATIENCE = 4;

const flavor = z.object({
  id: z.string(),
  name: z.string(),
  ram: z.number(),
  vcpus: z.number(),
});

/** An address as nova shows it; the extensions are absent in very old novas. */
const address = z.object({
  addr: z.string(),
  version: z.number(),
  'OS-EXT-IPS:type': z.string().optional(),
  'OS-EXT-IPS-MAC:mac_addr': z.string().optional(),
});

/** By id up to microversion 2.46, by what it gives from then on. */
const serverFlavor = z.union([
  z.object({ vcpus: z.number(), ram: z.number() }),
  z.object({ id: z.string() }),
]);

const attachedVolume = z.object({
  id: z.string(),
  delete_on_termination: z.boolean().optional(),
});

const fault = z.object({ message: z.string().default(''), code: z.number().optional() });

const server = z.object({
  id: z.string(),
  name: z.string().nullish(),
  status: z.string().default('UNKNOWN'),
  metadata: z.record(z.string(), z.string()).default({}),
  addresses: z.record(z.string(), z.array(address)).nullish(),
  flavor: serverFlavor.optional(),
  fault: fault.nullish(),
  hostId: z.string().nullish(),
  accessIPv4: z.string().nullish(),
  accessIPv6: z.string().nullish(),
  'OS-EXT-AZ:availability_zone': z.string().nullish(),
  'OS-EXT-STS:task_state': z.string().nullish(),
  'os-extended-volumes:volumes_attached': z.array(attachedVolume).default([]),
});

const limits = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number().optional(),
      maxTotalCores: z.number().optional(),
      maxTotalRAMSize: z.number().optional(),
    }),
  }),
});

const zones = z.object({
  availabilityZoneInfo: z.array(
    z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) }),
  ),
});

export type Flavor = z.output<typeof flavor>;
export type Server = z.output<typeof server>;
export type ServerAddress = z.output<typeof address>;
export type ComputeLimits = z.output<typeof limits>['limits']['absolute'];

/** The body of a creation, below `server`. */
export type ServerRequest = Readonly<Record<string, unknown>>;

/** Nova shows some servers that are gone, or that only an administrator can bring back. */
export function isDeleted({ status }: Server): boolean {
  return status === 'DELETED' || status === 'SOFT_DELETED';
}

export class Compute {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  flavors(signal: AbortSignal): Promise<readonly Flavor[]> {
    const query = { is_public: 'None' };
    return listAll(
      this.#service,
      { path: 'flavors/detail', key: 'flavors', item: flavor, query },
      signal,
    );
  }

  /** All servers of the project. `name`: a regular expression of the database's kind. */
  servers(signal: AbortSignal, name?: string): Promise<readonly Server[]> {
    return listAll(
      this.#service,
      {
        path: 'servers/detail',
        key: 'servers',
        item: server,
        query: { name },
        microversion: LISTING_MICROVERSION,
      },
      signal,
    );
  }

  /** Undefined: there is none. */
  async server(id: string, signal: AbortSignal): Promise<Server | undefined> {
    const path = `servers/${encodeURIComponent(id)}`;
    const microversion = LISTING_MICROVERSION;
    const answer = await this.#service.call(
      { method: 'GET', path, expect: [404], microversion },
      signal,
    );
    if (answer.status === 404) return undefined;
    return readBody(z.object({ server }), answer.body, 'GET servers/ID').server;
  }

  /** Resolves with the id. Not safe to repeat: see launch.ts. */
  async createServer(request: ServerRequest, signal: AbortSignal): Promise<string> {
    const { body } = await this.#service.call(
      {
        method: 'POST',
        path: 'servers',
        json: { server: request },
        patience: CREATE_PATIENCE,
      },
      signal,
    );
    return readBody(z.object({ server: z.object({ id: z.string() }) }), body, 'POST servers').server
      .id;
  }

  /** `false`: there is none. */
  async deleteServer(id: string, signal: AbortSignal): Promise<boolean> {
    const path = `servers/${encodeURIComponent(id)}`;
    const { status } = await this.#service.call({ method: 'DELETE', path, expect: [404] }, signal);
    return status !== 404;
  }

  async limits(signal: AbortSignal): Promise<ComputeLimits> {
    const { body } = await this.#service.call({ method: 'GET', path: 'limits' }, signal);
    return readBody(limits, body, 'GET limits').limits.absolute;
  }

  /** The zones that are available. Empty where the cloud does not let us see them. */
  async zones(signal: AbortSignal): Promise<readonly string[]> {
    try {
      const path = 'os-availability-zone';
      const { body, status } = await this.#service.call(
        { method: 'GET', path, expect: [403, 404] },
        signal,
      );
      if (status === 403 || status === 404) return [];
      return readBody(zones, body, `GET ${path}`)
        .availabilityZoneInfo.filter(({ zoneState }) => zoneState.available)
        .map(({ zoneName }) => zoneName);
    } catch (error) {
      if (hasCode(error, 'NP_CLOUD_FATAL')) return [];
      throw error;
    }
  }

  /** The whole console. Undefined: this server has none. */
  async console(id: string, signal: AbortSignal): Promise<string | undefined> {
    const { status, body } = await this.#service.call(
      {
        method: 'POST',
        path: `servers/${encodeURIComponent(id)}/action`,
        json: { 'os-getConsoleOutput': {} },
        isRepeatable: true,
        expect: [400, 403, 404, 409, 501],
      },
      signal,
    );
    if (status >= 400) return undefined;
    return readBody(z.object({ output: z.string() }), body, 'POST servers/ID/action').output;
  }
}
