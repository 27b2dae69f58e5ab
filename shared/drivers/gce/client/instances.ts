/** Instances of the zone. What Google does with them goes on after its answers. */
import { z } from 'zod';

import { CloudError, hasCode } from '../../../base/errors.ts';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import type { Caller } from './caller.ts';
import { isNotReady, isTaken } from './errors.ts';
import type { GcePlace } from './place.ts';
import { readAnswer } from './read.ts';

const accessConfig = z.object({ natIP: z.string().nullish(), externalIpv6: z.string().nullish() });

const networkInterface = z.object({
  networkIP: z.string().nullish(),
  ipv6Address: z.string().nullish(),
  accessConfigs: z.array(accessConfig).default([]),
  ipv6AccessConfigs: z.array(accessConfig).default([]),
});

const metadataItem = z.object({ key: z.string(), value: z.string().nullish() });

const instanceSchema = z.object({
  name: z.string(),
  /** Tells it from others that had, or get, its name. */
  id: z.string(),
  /** PROVISIONING, STAGING, RUNNING, STOPPING, TERMINATED, SUSPENDED, ... */
  status: z.string().default(''),
  statusMessage: z.string().nullish(),
  /** Both as URLs. */
  zone: z.string().default(''),
  machineType: z.string().default(''),
  metadata: z.object({ items: z.array(metadataItem).default([]) }).nullish(),
  networkInterfaces: z.array(networkInterface).default([]),
});

/** An instance, as far as it is used. */
export type GceInstance = z.output<typeof instanceSchema>;

/** What an instance is made of; a part of Google's `Instance`. */
export interface InstanceRequest {
  readonly name: string;
  readonly machineType: string;
  readonly disks: readonly object[];
  readonly networkInterfaces: readonly object[];
  readonly serviceAccounts: readonly object[];
  readonly metadata: {
    readonly items: readonly { readonly key: string; readonly value: string }[];
  };
}

/** An instance that is being made. */
export interface InstanceBegun {
  /** Name of the operation. Undefined: it was begun by an earlier call, and is not known. */
  readonly operation: string | undefined;
  /** The instance's. Undefined: Google did not say. */
  readonly id: string | undefined;
}

/** `none`: there is no instance. `busy`: Google does something else with it, and took no order. */
export type Deletion = 'begun' | 'none' | 'busy';

/** What is read of a listing: a fifth of what Google would send of instances. */
export const LISTED_FIELDS =
  'items(id,name,status,statusMessage,zone,machineType,metadata/items,networkInterfaces(' +
  'networkIP,ipv6Address,accessConfigs(name,natIP),ipv6AccessConfigs(name,externalIpv6))),' +
  'nextPageToken';

/** Most that Google gives at once. */
const PAGE_ITEMS = 500;

export class Instances {
  readonly #caller: Caller;
  readonly #place: GcePlace;

  constructor(caller: Caller, place: GcePlace) {
    this.#caller = caller;
    this.#place = place;
  }

  async list(signal: AbortSignal): Promise<readonly GceInstance[]> {
    const { project, zone } = this.#place;
    const client = await this.#caller.sdk.instances();
    return this.#caller.all(
      async (call, pageToken) => {
        const request = { project, zone, maxResults: PAGE_ITEMS, ...(pageToken && { pageToken }) };
        const [items, , answer] = await client.list(request, call);
        return {
          items: items.map((one) => readAnswer(instanceSchema, one, 'an instance')),
          next: answer.nextPageToken,
        };
      },
      signal,
      LISTED_FIELDS,
    );
  }

  /** Undefined: there is none. */
  async get(name: string, signal: AbortSignal): Promise<GceInstance | undefined> {
    const { project, zone } = this.#place;
    const client = await this.#caller.sdk.instances();
    return unlessThereIsNone(
      this.#caller.call(async (call) => {
        const [instance] = await client.get({ project, zone, instance: name }, call);
        return readAnswer(instanceSchema, instance, 'an instance');
      }, signal),
    );
  }

  /**
   * Begins the creation. Undefined: the name is taken, maybe by what an earlier call of ours has made.
   * `requestId`: a UUID, the same for all repetitions.
   */
  async insert(
    request: InstanceRequest,
    requestId: string,
    signal: AbortSignal,
  ): Promise<InstanceBegun | undefined> {
    const { project, zone } = this.#place;
    const client = await this.#caller.sdk.instances();
    const instanceResource = structuredClone(request) as object;
    return this.#caller.call(async (call) => {
      try {
        const [operation] = await client.insert(
          { project, zone, requestId, instanceResource },
          call,
        );
        const begun = readAnswer(begunSchema, operation.latestResponse, 'an operation');
        return { operation: begun.name, id: begun.targetId ?? undefined };
      } catch (error) {
        if (isTaken(error)) return undefined;
        throw creationError(error);
      }
    }, signal);
  }

  /** Begins the deletion. `requestId`: as for `insert`. */
  async delete(name: string, requestId: string, signal: AbortSignal): Promise<Deletion> {
    const { project, zone } = this.#place;
    const client = await this.#caller.sdk.instances();
    const deletion = await unlessThereIsNone(
      this.#caller.call(async (call): Promise<Deletion> => {
        try {
          await client.delete({ project, zone, instance: name, requestId }, call);
          return 'begun';
        } catch (error) {
          if (isNotReady(error)) return 'busy';
          throw error;
        }
      }, signal),
    );
    return deletion ?? 'none';
  }
}

const begunSchema = z.object({ name: z.string(), targetId: z.string().nullish() });

/** What a creation does not find is what it was to be made of: the image, the type of disk. */
function creationError(error: unknown): unknown {
  if (!(error instanceof CloudError) || !hasCode(error, 'NP_CLOUD_NOT_FOUND')) return error;
  return new CloudError('NP_CLOUD_FATAL', error.message);
}
