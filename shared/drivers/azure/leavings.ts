/** What stays behind when a machine goes, of one kind: found by its tags, deleted until it is gone. */
import { hasLabel } from '../../base/errors.ts';
import type { SharedListing } from '../../cloud/shared-listing.ts';
import { isOwnedBy, type Owner } from './ids.ts';

/** Anything of Azure that has tags. */
interface Tagged {
  readonly name?: string;
  readonly tags?: Record<string, string>;
}

export interface Leavings {
  readonly listing: SharedListing<readonly Tagged[]>;
  /** Begins the deletion. What is gone is no error. */
  readonly delete: (name: string, signal: AbortSignal) => Promise<unknown>;
}

/** Azure may be deleting it, too, and refuses meanwhile. */
const MOST_REFUSALS = 5;

/** Resolves when nothing of the owner is listed any more. */
export async function clearAway(
  { listing, delete: remove }: Leavings,
  owner: Owner,
  signal: AbortSignal,
): Promise<void> {
  const asked = new Set<string>();
  let refusals = 0;
  await listing.until(async (list) => {
    const left = list.filter(({ tags }) => isOwnedBy(tags, owner));
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
