/**
 * Machines asked for one by one, where a listing does not tell enough. An account may be allowed less
 * than that: then the listing must do, which is said once.
 */
import { hasCode } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { SharedListing } from './shared-listing.ts';

export interface LookUpsOptions<T> {
  /** As it is now. Undefined: there is none. */
  readonly get: (name: string, signal: AbortSignal) => Promise<T | undefined>;
  /** All by name. */
  readonly listing: SharedListing<ReadonlyMap<string, T>>;
  readonly log: Logger;
}

export class LookUps<T> {
  readonly #options: LookUpsOptions<T>;
  #isSaid = false;

  constructor(options: LookUpsOptions<T>) {
    this.#options = options;
  }

  /** As it is now, as far as we may see. Undefined: there is none. */
  async get(name: string, signal: AbortSignal): Promise<T | undefined> {
    const { get, listing } = this.#options;
    try {
      return await get(name, signal);
    } catch (error) {
      this.orListing(error);
      return (await listing.next(signal)).get(name);
    }
  }

  /** Throws all but a refusal, which is said. */
  protected orListing(error: unknown): void {
    if (!hasCode(error, 'NP_CLOUD_FATAL')) throw error;
    if (!this.#isSaid)
      this.#options.log.warn('machines cannot be read one by one: listings must do', { error });
    this.#isSaid = true;
  }
}
