/** Machines asked for one by one, if need be with what Azure says of them. */
import type { VirtualMachine } from '@azure/arm-compute';

import type { Logger } from '../../base/log.ts';
import { LookUps as CloudLookUps } from '../../cloud/look-ups.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { Machines } from './client/machines.ts';
import type { MachineList } from './machine-list.ts';

export interface LookUpsOptions {
  readonly machines: Pick<Machines, 'get' | 'view'>;
  readonly listing: SharedListing<MachineList>;
  readonly log: Logger;
}

export class LookUps extends CloudLookUps<VirtualMachine> {
  readonly #machines: LookUpsOptions['machines'];

  constructor({ machines, listing, log }: LookUpsOptions) {
    super({ get: (name, signal) => machines.get(name, signal), listing, log });
    this.#machines = machines;
  }

  /** With what Azure says of its failure, if we may read that. */
  async view(name: string, signal: AbortSignal): Promise<VirtualMachine | undefined> {
    try {
      return await this.#machines.view(name, signal);
    } catch (error) {
      this.orListing(error);
      return this.get(name, signal);
    }
  }
}
