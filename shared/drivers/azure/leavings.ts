/** What stays behind when a machine goes, of one kind: found by its tags, deleted until it is gone. */
import type { Clock } from '../../base/clock.ts';
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
  readonly kind: string;
  /** The kind that uses it: it can go only after that. */
  readonly usedBy?: string;
  readonly listing: TaggedListing;
  /** Begins the deletion. What is gone is no error. */
  readonly delete: (name: string, signal: AbortSignal) => Promise<unknown>;
}

/** Azure may be deleting it, too, and keeps an interface of a machine that failed for three minutes. */
const REFUSED_MS = 300_000;
/** Between two tries. */
const PAUSE_MS = 15_000;

/** Whose leavings. */
export interface Rest {
  readonly machine: string;
  readonly owner: Owner;
  readonly clock: Clock;
}

/** Resolves when nothing is listed any more that was made with the machine. */
export async function clearAway(
  { listing, delete: remove }: Leavings,
  { machine, owner, clock }: Rest,
  signal: AbortSignal,
): Promise<void> {
  const beganMs = clock.monotonic();
  /** When each is asked to go again; Infinity: it goes. */
  const nextMs = new Map<string, number>();
  await listing.until(async (list) => {
    const left = list.filter(
      ({ name = '', tags }) => isPartOf(machine, name) && isOwnedBy(tags, owner),
    );
    for (const { name = '' } of left) {
      if (clock.monotonic() < (nextMs.get(name) ?? beganMs)) continue;
      try {
        await remove(name, signal);
        nextMs.set(name, Infinity);
      } catch (error) {
        const nowMs = clock.monotonic();
        if (!hasLabel(error, 'retryable') || nowMs - beganMs > REFUSED_MS) throw error;
        nextMs.set(name, nowMs + PAUSE_MS);
      }
    }
    return left.length === 0 ? true : undefined;
  }, signal);
}
