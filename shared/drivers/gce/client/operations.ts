/** Operations of the zone: what became of creations whose machines are not to be seen. */
import { z } from 'zod';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';

import type { Caller } from './caller.ts';
import type { GcePlace } from './place.ts';
import { readAnswer } from './read.ts';

const operationError = z.object({
  /** QUOTA_EXCEEDED, ZONE_RESOURCE_POOL_EXHAUSTED, ... */
  code: z.string().nullish(),
  message: z.string().nullish(),
});

const operationSchema = z.object({
  name: z.string(),
  /** PENDING, RUNNING, DONE. */
  status: z.string().default(''),
  /** Set if it failed. */
  httpErrorStatusCode: z.number().nullish(),
  error: z.object({ errors: z.array(operationError).default([]) }).nullish(),
});

export type GceOperation = z.output<typeof operationSchema>;

/** What is read of a list. */
export const LISTED_FIELDS = 'items(name,status,httpErrorStatusCode,error/errors(code,message))';

/** Most that Google gives at once. */
const MOST_ITEMS = 500;

export class Operations {
  readonly #caller: Caller;
  readonly #place: GcePlace;

  constructor(caller: Caller, place: GcePlace) {
    this.#caller = caller;
    this.#place = place;
  }

  /** The newest creations, in one call; older ones are asked for alone. */
  async newestInserts(signal: AbortSignal): Promise<readonly GceOperation[]> {
    const { project, zone } = this.#place;
    const client = await this.#caller.sdk.operations();
    return this.#caller.call(
      async (call) => {
        const [items] = await client.list(
          {
            ...{ project, zone, maxResults: MOST_ITEMS },
            ...{ filter: 'operationType = "insert"', orderBy: 'creationTimestamp desc' },
          },
          call,
        );
        return items.map((one) => readAnswer(operationSchema, one, 'an operation'));
      },
      signal,
      { isShared: true, fields: LISTED_FIELDS },
    );
  }

  /** Undefined: it is not known any more. */
  async get(name: string, signal: AbortSignal): Promise<GceOperation | undefined> {
    const { project, zone } = this.#place;
    const client = await this.#caller.sdk.operations();
    return unlessThereIsNone(
      this.#caller.call(async (call) => {
        const [found] = await client.get({ project, zone, operation: name }, call);
        return readAnswer(operationSchema, found, 'an operation');
      }, signal),
    );
  }
}
