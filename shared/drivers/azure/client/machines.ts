/** Virtual machines of the resource group. What Azure does with them goes on after its answers. */
import type { VirtualMachine } from '@azure/arm-compute';

import { z } from 'zod';

import { CloudError, hasCode } from '../../../base/errors.ts';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import type { Caller } from './caller.ts';
import { isTaken } from './errors.ts';

/** A machine that is being made. */
export interface MachineBegun {
  /** Tells it from others that had, or get, its name. Undefined: Azure did not say. */
  readonly vmId: string | undefined;
}

export class Machines {
  readonly #caller: Caller;
  readonly #group: string;

  constructor(caller: Caller, resourceGroup: string) {
    this.#caller = caller;
    this.#group = resourceGroup;
  }

  async list(signal: AbortSignal): Promise<readonly VirtualMachine[]> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.all((options) => client.virtualMachines.list(this.#group, options), signal);
  }

  /** Undefined: there is none. */
  get(name: string, signal: AbortSignal): Promise<VirtualMachine | undefined> {
    return this.#get(name, {}, signal);
  }

  /** With its instance view, which says why it failed. Undefined: there is none. */
  view(name: string, signal: AbortSignal): Promise<VirtualMachine | undefined> {
    return this.#get(name, { expand: 'instanceView' }, signal);
  }

  /**
   * Begins the creation. Undefined: the name is taken, maybe by what an earlier call of ours has made;
   * what is there is left as it is. So it is safe to repeat.
   */
  async create(
    name: string,
    machine: VirtualMachine,
    signal: AbortSignal,
  ): Promise<MachineBegun | undefined> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.call(async (options) => {
      let answer = '';
      const creation = client.virtualMachines.createOrUpdate(this.#group, name, machine, {
        ...options,
        ifNoneMatch: '*',
        onResponse: ({ bodyAsText }) => {
          answer = bodyAsText ?? '';
        },
      });
      try {
        await creation.submitted();
        return { vmId: vmIdOf(answer) };
      } catch (error) {
        if (isTaken(error)) return undefined;
        throw creationError(error);
      }
    }, signal);
  }

  /** Begins the deletion. `false`: there is none. */
  async delete(name: string, signal: AbortSignal): Promise<boolean> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.delete(
      (options) => client.virtualMachines.delete(this.#group, name, options).submitted(),
      signal,
    );
  }

  async #get(
    name: string,
    more: { readonly expand?: 'instanceView' },
    signal: AbortSignal,
  ): Promise<VirtualMachine | undefined> {
    const { client } = await this.#caller.sdk.compute();
    return unlessThereIsNone(
      this.#caller.call(
        (options) => client.virtualMachines.get(this.#group, name, { ...options, ...more }),
        signal,
      ),
    );
  }
}

const begun = z.object({ properties: z.object({ vmId: z.string() }) });

function vmIdOf(answer: string): string | undefined {
  try {
    return begun.safeParse(JSON.parse(answer)).data?.properties.vmId;
  } catch {
    return undefined;
  }
}

/** What a creation does not find is what it was to be made of: the image, the subnet, the group. */
function creationError(error: unknown): unknown {
  if (!(error instanceof CloudError) || !hasCode(error, 'NP_CLOUD_NOT_FOUND')) return error;
  return new CloudError('NP_CLOUD_FATAL', error.message);
}
