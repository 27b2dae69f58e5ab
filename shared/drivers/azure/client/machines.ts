/** Virtual machines of the resource group. What Azure does with them goes on after its answers. */
import type { VirtualMachine } from '@azure/arm-compute';

import type { Caller } from './caller.ts';
import { isTaken, unlessThereIsNone } from './errors.ts';

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

  /** With its instance view, which says why it failed. Undefined: there is none. */
  async get(name: string, signal: AbortSignal): Promise<VirtualMachine | undefined> {
    const { client } = await this.#caller.sdk.compute();
    const expand = 'instanceView';
    return unlessThereIsNone(
      this.#caller.call(
        (options) => client.virtualMachines.get(this.#group, name, { ...options, expand }),
        signal,
      ),
    );
  }

  /**
   * Begins the creation. `false`: the name is taken, maybe by what an earlier call of ours has made;
   * what is there is left as it is. So it is safe to repeat.
   */
  async create(name: string, machine: VirtualMachine, signal: AbortSignal): Promise<boolean> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.call(async (options) => {
      const poller = client.virtualMachines.createOrUpdate(this.#group, name, machine, {
        ...options,
        ifNoneMatch: '*',
      });
      try {
        await poller.submitted();
        return true;
      } catch (error) {
        if (isTaken(error)) return false;
        throw error;
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
}
