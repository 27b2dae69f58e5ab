/** Managed disks of the resource group. */
import type { Disk } from '@azure/arm-compute';

import { CloudError } from '../../../base/errors.ts';
import { unlessThereIsNone } from '../../../cloud/unless-none.ts';
import type { Caller } from './caller.ts';

export class Disks {
  readonly #caller: Caller;
  readonly #group: string;

  constructor(caller: Caller, resourceGroup: string) {
    this.#caller = caller;
    this.#group = resourceGroup;
  }

  async list(signal: AbortSignal): Promise<readonly Disk[]> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.all(
      (options) => client.disks.listByResourceGroup(this.#group, options),
      signal,
    );
  }

  /** Undefined: there is none. */
  async get(name: string, signal: AbortSignal): Promise<Disk | undefined> {
    const { client } = await this.#caller.sdk.compute();
    return unlessThereIsNone(
      this.#caller.call((options) => client.disks.get(this.#group, name, options), signal),
    );
  }

  /** Resolves when it is there. Safe to repeat. */
  create(name: string, disk: Disk, signal: AbortSignal): Promise<Disk> {
    return this.#caller.finish(
      (client, options) => client.disks.createOrUpdate(this.#group, name, disk, options),
      signal,
    );
  }

  /** Resolves with an address that lets anybody write for so many seconds: a secret. */
  async grantWrite(name: string, seconds: number, signal: AbortSignal): Promise<string> {
    const wish = { access: 'Write', durationInSeconds: seconds };
    const { accessSAS } = await this.#caller.finish(
      (client, options) => client.disks.grantAccess(this.#group, name, wish, options),
      signal,
    );
    if (accessSAS !== undefined) return accessSAS;
    throw new CloudError('NP_CLOUD_TRANSIENT', `disk ${name}: Azure gives no address to write to`, {
      labels: ['retryable'],
    });
  }

  /** Resolves when nobody can write any more. */
  revoke(name: string, signal: AbortSignal): Promise<void> {
    return this.#caller.finish(
      (client, options) => client.disks.revokeAccess(this.#group, name, options),
      signal,
    );
  }

  /** Begins the deletion. `false`: there is none. */
  async delete(name: string, signal: AbortSignal): Promise<boolean> {
    const { client } = await this.#caller.sdk.compute();
    return this.#caller.delete(
      (options) => client.disks.delete(this.#group, name, options).submitted(),
      signal,
    );
  }
}
