/**
 * Nodes that have been ready or held for too long, and nodes that a crash left between their making
 * and their first lock. Which ones is decided by pure functions.
 */
import type { Config } from '../../schemas/config/model.ts';
import { tooOld } from '../../shared/rules/nodes/too-old.ts';
import type { StoredNode } from '../../shared/store/nodes.ts';
import { seconds, toState, type Context } from '../context.ts';

export async function deleteOldNodes(context: Context, config: Config): Promise<void> {
  const now = seconds(context.clock);
  for (const node of [...context.store.nodes.cache.values()]) {
    const reason = tooOld(node.record, config, now);
    if (reason === undefined || context.store.nodes.isLocked(node.id)) continue;
    await markForDeletion(context, node, reason);
  }
}

/** Who may be about to lock a node that was just made. */
export interface Makers {
  /** Whether somebody is registered under this pool's id. */
  readonly isOnline: (poolId: string) => boolean;
  /** Whether the pool is this launcher's. */
  readonly isOwn: (poolId: string) => boolean;
  /** Whether this launcher is making the node for the request right now. */
  readonly isMaking: (request: string, node: string) => boolean;
}

/**
 * Nodes in `init` that nobody works on: their maker died between making and locking them, or lost its
 * connection there and gave the request back. Only those seen in the last round, too, since a maker
 * may be just about to lock.
 */
export class Orphans {
  #suspects = new Set<string>();

  async sweep(context: Context, makers: Makers): Promise<void> {
    const suspects = new Set<string>();
    for (const node of [...context.store.nodes.cache.values()]) {
      if (node.record.state !== 'init' || context.store.nodes.isLocked(node.id)) continue;
      if (isBeingMade(context, node, makers)) continue;
      if (this.#suspects.has(node.id)) {
        await markForDeletion(context, node, 'nobody is making it any more');
      } else {
        suspects.add(node.id);
      }
    }
    this.#suspects = suspects;
  }
}

function isBeingMade(context: Context, { id, record }: StoredNode, makers: Makers): boolean {
  const { launcher, allocated_to } = record;
  if (launcher === null || allocated_to === null || !makers.isOnline(launcher)) return false;
  if (makers.isOwn(launcher)) return makers.isMaking(allocated_to, id);
  return context.store.requests.get(allocated_to)?.record.state === 'pending';
}

/** Leaves a node that nobody has locked to the deleter. */
export async function markForDeletion(
  context: Context,
  node: StoredNode,
  reason: string,
): Promise<void> {
  const owned = await context.store.nodes.take(node, toState(context.clock, 'deleting'));
  if (!owned) return;
  await owned.release();
  context.log.info('node is to be deleted', {
    node: node.id,
    provider: node.record.provider,
    reason,
  });
}
