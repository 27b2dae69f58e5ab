/** Images of the resource group. */
import type { Image } from '@azure/arm-compute';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';

import type { Caller } from './caller.ts';

export class Images {
  readonly #caller: Caller;
  readonly #group: string;

  constructor(caller: Caller, resourceGroup: string) {
    this.#caller = caller;
    this.#group = resourceGroup;
  }

  async list(signal: AbortSignal): Promise<readonly Image[]> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.all(
      (options) => client.images.listByResourceGroup(this.#group, options),
      signal,
    );
  }

  /** Undefined: there is none. */
  async get(name: string, signal: AbortSignal): Promise<Image | undefined> {
    const { client } = await this.#caller.sdk.compute();
    return unlessThereIsNone(
      this.#caller.call((options) => client.images.get(this.#group, name, options), signal),
    );
  }

  /** Resolves when machines can be made from it. Safe to repeat. */
  create(name: string, image: Image, signal: AbortSignal): Promise<Image> {
    return this.#caller.finish(
      (client, options) => client.images.createOrUpdate(this.#group, name, image, options),
      signal,
    );
  }

  /** Resolves when it is gone. `false`: there was none. */
  async delete(name: string, signal: AbortSignal): Promise<boolean> {
    const done = this.#caller.finish(
      (client, options) => client.images.delete(this.#group, name, options),
      signal,
    );
    return (await unlessThereIsNone(done.then(() => true))) ?? false;
  }
}
