/**
 * The end of a machine and of its floating IP, at the same time:
 *
 *   what has the name? -> whose is it? -> delete -> listings until none shows it
 *
 * The boot volume goes with the machine: IBM was told so when it was made.
 */
import type { Logger } from '../../base/log.ts';
import { throwIfAborted } from '../../base/wait.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import type { DeleteTarget } from '../driver.ts';
import type { Makeable } from './creation.ts';
import type { Groups } from './groups.ts';
import { isMachineName } from './ids.ts';
import type { NameBook } from './name-book.ts';

/** One kind of things that end with a node. */
export interface Ending<T extends Makeable> {
  /** For the log. */
  readonly what: string;
  readonly book: NameBook<T>;
  readonly listing: SharedListing<ReadonlyMap<string, T>>;
  /** What has the name, where the book does not know. */
  readonly named: (name: string, signal: AbortSignal) => Promise<T | undefined>;
  readonly get: (id: string, signal: AbortSignal) => Promise<T | undefined>;
  /** Begins the deletion. `false`: there is none. */
  readonly delete: (id: string, signal: AbortSignal) => Promise<boolean>;
}

export interface DeletionsOptions<M extends Makeable, A extends Makeable> {
  readonly provider: string;
  readonly machines: Ending<M>;
  readonly addresses: Ending<A>;
  readonly groups: Pick<Groups, 'tagged'>;
  readonly log: Logger;
  /** The node's machines are gone. */
  readonly forget: (nodeId: string) => void;
}

export class Deletions<M extends Makeable, A extends Makeable> {
  readonly #options: DeletionsOptions<M, A>;

  constructor(options: DeletionsOptions<M, A>) {
    this.#options = options;
  }

  async run({ externalId: name, nodeId }: DeleteTarget, signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (!isMachineName(name)) return;
    const { machines, addresses, forget } = this.#options;
    const ends = await Promise.allSettled([
      this.#end(machines, name, nodeId, signal),
      this.#end(addresses, name, nodeId, signal),
    ]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    forget(nodeId);
  }

  async #end<T extends Makeable>(
    ending: Ending<T>,
    name: string,
    nodeId: string,
    signal: AbortSignal,
  ): Promise<void> {
    const thing = ending.book.get(name) ?? (await ending.named(name, signal));
    if (thing === undefined || !(await this.#isOurs(ending, thing, nodeId, signal))) return;
    await this.#endThing(ending, thing, signal);
    ending.book.forget(thing);
  }

  /** A listing that lags behind may not show it yet: only what was shown can have gone. */
  async #endThing<T extends Makeable>(
    { book, listing, get, delete: remove }: Ending<T>,
    thing: T,
    signal: AbortSignal,
  ): Promise<void> {
    const { id } = thing;
    if (!(await remove(id, signal))) return;
    let isShown = book.wasListed(thing);
    await listing.until(async (list) => {
      if (list.has(id)) {
        isShown = true;
        return undefined;
      }
      return isShown || (await get(id, signal)) === undefined ? true : undefined;
    }, signal);
  }

  /** What somebody else has made our launch ran into. */
  async #isOurs<T extends Makeable>(
    { what }: Ending<T>,
    thing: T,
    nodeId: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { provider, groups, log } = this.#options;
    const [known] = await groups.tagged([thing], signal);
    const { nodepool_provider_name: owner, nodepool_node_id: node } = known?.tags ?? {};
    if (owner === provider && (nodeId === '' || node === nodeId)) return true;
    log.warn(`${what} not deleted: it is not of this node`, { name: thing.name, provider, nodeId });
    return false;
  }
}
