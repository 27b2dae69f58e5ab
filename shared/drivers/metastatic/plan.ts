/**
 * The decisions of the metastatic driver: which slot a node gets, how many backing nodes to ask for,
 * when one is given back. Pure; times are Unix seconds.
 *
 * Facts: nodepool/driver/metastatic/adapter.py, where the last is asked once a minute.
 */
import type { MetastaticLabelOptions } from '../../../schemas/config/drivers/metastatic.ts';
import type { Backing, Place } from './backing.ts';

export type Terms = Pick<
  MetastaticLabelOptions,
  'graceTimeSeconds' | 'minRetentionTimeSeconds' | 'maxAgeSeconds'
>;

/** The first free slot of the oldest backing node that takes nodes of the label. */
export function freeSlot(
  backings: Iterable<Backing>,
  wanted: { readonly label: string; readonly terms: Terms; readonly nowSeconds: number },
): Place | undefined {
  for (const backing of backings) {
    if (backing.label !== wanted.label || backing.isFailed) continue;
    if (wanted.nowSeconds > expiry(backing, wanted.terms)) continue;
    const slot = backing.slots.indexOf(undefined);
    if (slot >= 0) return { backing: backing.node.id, slot };
  }
  return undefined;
}

/** How many backing nodes must be on their way for so many nodes that wait. */
export function ordersWanted(waiting: number, slots: number): number {
  return Math.ceil(waiting / Math.max(1, slots));
}

/** Those of the waiting who had counted on the order, the oldest being number 0. */
export function waitingFor<T>(waiting: readonly T[], order: number, slots: number): readonly T[] {
  const size = Math.max(1, slots);
  return waiting.slice(order * size, (order + 1) * size);
}

/**
 * When a backing node is to be given back; Infinity while it is in use. `terms` undefined: its label
 * has left the configuration.
 */
export function releaseAt(
  backing: Backing,
  terms: Terms | undefined,
  emptySinceSeconds: number,
): number {
  if (!isEmpty(backing)) return Infinity;
  if (backing.isFailed || !terms) return -Infinity;
  const { graceTimeSeconds, minRetentionTimeSeconds } = terms;
  const idle = emptySinceSeconds + graceTimeSeconds;
  // It was not asked for after it was empty: then some launcher's clock was wrong.
  const launched = Math.min(backing.launchedSeconds, emptySinceSeconds);
  const retained = launched + minRetentionTimeSeconds;
  return Math.min(Math.max(idle, retained), expiry(backing, terms));
}

export function isEmpty(backing: Backing): boolean {
  return backing.slots.every((node) => node === undefined);
}

function expiry(backing: Backing, { maxAgeSeconds }: Terms): number {
  return maxAgeSeconds === undefined ? Infinity : backing.launchedSeconds + maxAgeSeconds;
}
