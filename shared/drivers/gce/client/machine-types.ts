/** Kinds of machines of the zone. */
import { z } from 'zod';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';

import type { Caller } from './caller.ts';
import type { GcePlace } from './place.ts';
import { readAnswer } from './read.ts';

const machineTypeSchema = z.object({
  name: z.string(),
  /** Its URL, for instances. */
  selfLink: z.string(),
  guestCpus: z.number(),
  /** MiB. */
  memoryMb: z.number(),
});

export type MachineType = z.output<typeof machineTypeSchema>;

export class MachineTypes {
  readonly #caller: Caller;
  readonly #place: GcePlace;

  constructor(caller: Caller, place: GcePlace) {
    this.#caller = caller;
    this.#place = place;
  }

  /** Undefined: the zone has none of the name. */
  async get(name: string, signal: AbortSignal): Promise<MachineType | undefined> {
    const { project, zone } = this.#place;
    const client = await this.#caller.sdk.machineTypes();
    return unlessThereIsNone(
      this.#caller.call(async (call) => {
        const [type] = await client.get({ project, zone, machineType: name }, call);
        return readAnswer(machineTypeSchema, type, 'a machine type');
      }, signal),
    );
  }
}
