/**
 * What became of creations whose instances are not to be seen: Google says it in their operations alone.
 * These are listed while somebody misses an instance, one call for all; an operation that is too old for
 * the list is asked for alone. What we may not ask is not known.
 */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { Extras } from '../../cloud/extras.ts';
import { SharedListing } from '../../cloud/shared-listing.ts';
import { failureError } from './client/errors.ts';
import type { GceOperation, Operations } from './client/operations.ts';

export interface FatesOptions {
  readonly operations: Pick<Operations, 'newestInserts' | 'get'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Between the starts of two listings. */
  readonly pollSeconds: number;
  /** Whether other calls wait for their turn. */
  readonly isBusy: () => boolean;
}

export type Fate = 'going-on' | 'done' | 'unknown';

export class Fates {
  readonly #operations: Pick<Operations, 'newestInserts' | 'get'>;
  readonly #listing: SharedListing<ReadonlyMap<string, GceOperation>>;
  readonly #extras: Extras;

  constructor({ operations, log, ...options }: FatesOptions) {
    this.#operations = operations;
    this.#extras = new Extras(log);
    this.#listing = new SharedListing<ReadonlyMap<string, GceOperation>>({
      ...options,
      list: async (signal) => {
        const all = await operations.newestInserts(signal);
        return new Map(all.map((one) => [one.name, one] as const));
      },
    });
  }

  /**
   * Of the creation of the instance `name`. `operation` undefined: it was not told.
   *
   * @throws CloudError why it failed.
   */
  async of(name: string, operation: string | undefined, signal: AbortSignal): Promise<Fate> {
    if (operation === undefined) return 'unknown';
    const found = await this.#find(operation, signal);
    if (found === undefined) return 'unknown';
    const { error, httpErrorStatusCode: status } = found;
    const errors = error?.errors ?? [];
    if (found.status !== 'DONE') return 'going-on';
    if (errors.length > 0 || (status ?? 0) >= 400)
      throw failureError(`instance ${name} was not made`, errors, status);
    return 'done';
  }

  close(): void {
    this.#listing.close();
  }

  async #find(operation: string, signal: AbortSignal): Promise<GceOperation | undefined> {
    const listed = await this.#extras.ask('list of operations', () =>
      this.#listing.until((list) => ({ found: list.get(operation) }), signal),
    );
    if (listed?.found !== undefined) return listed.found;
    return this.#extras.ask('operation', () => this.#operations.get(operation, signal));
  }
}
