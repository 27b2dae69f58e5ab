/** What stays behind when a machine goes, of one kind: found by its tags, deleted until it is gone. */
import { hasLabel } from '../../base/errors.ts';
import { isOwnedBy, isPartOf, type Owner } from './ids.ts';

/** Anything of Azure that has tags. */
interface Tagged {
  readonly name?: string;
  readonly tags?: Record<string, string>;
}

/** A `SharedListing` of anything. */
interface TaggedListing {
  until<R>(
    look: (list: readonly Tagged[]) => R | undefined | Promise<R | undefined>,
    signal: AbortSignal,
  ): Promise<R>;
}

export interface Leavings {
  readonly listing: TaggedListing;
  /** Begins the deletion. What is gone is no error. */
  readonly delete: (name: string, signal: AbortSignal) => Promise<unknown>;
}

/** Azure may be deleting it, too, and refuses meanwhile. */
const MOST_REFUSALS = 5;

/** Resolves when nothing is listed any more that was made with the machine. */
export async function clearAway(
  { listing, delete: remove }: Leavings,
  machine: string,
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  const asked = new Set<string>();
  let refusals = 0;
  await listing.until(async (list) => {
    const left = list.filter(
      ({ name = '', tags }) => isPartOf(machine, name) && isOwnedBy(tags, owner),
    );
    for (const { name = '' } of left) {
      if (asked.has(name)) continue;
      try {
        await remove(name, signal);
        asked.add(name);
      } catch (error) {
        if (!hasLabel(error, 'retryable') || ++refusals > MOST_REFUSALS) throw error;
      }
    }
    return left.length === 0 ? true : undefined;
  }, signal);
}
