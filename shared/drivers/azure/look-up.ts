/**
 * Machines asked for one by one, where a listing does not tell enough. A service principal may be
 * allowed less than that: then the listing must do, which is said once.
 */
import type { VirtualMachine } from '@azure/arm-compute';

import { hasCode } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { Machines } from './client/machines.ts';
import type { MachineList } from './machine-list.ts';

export interface LookUpsOptions {
  readonly machines: Pick<Machines, 'get' | 'view'>;
  readonly listing: SharedListing<MachineList>;
  readonly log: Logger;
}

export class LookUps {
  readonly #options: LookUpsOptions;
  #isSaid = false;

  constructor(options: LookUpsOptions) {
    this.#options = options;
  }

  /** As it is now. Undefined: there is none. */
  async get(name: string, signal: AbortSignal): Promise<VirtualMachine | undefined> {
    const { machines, listing } = this.#options;
    try {
      return await machines.get(name, signal);
    } catch (error) {
      this.#orListing(error);
      return (await listing.next(signal)).get(name);
    }
  }

  /** The same with what Azure says of its failure, if we may read that. */
  async view(name: string, signal: AbortSignal): Promise<VirtualMachine | undefined> {
    try {
      return await this.#options.machines.view(name, signal);
    } catch (error) {
      this.#orListing(error);
      return this.get(name, signal);
    }
  }

  #orListing(error: unknown): void {
    if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
    if (!this.#isSaid)
      this.#options.log.warn('machines cannot be read one by one: listings must do', { error });
    this.#isSaid = true;
  }
}
