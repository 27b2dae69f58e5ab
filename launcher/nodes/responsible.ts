/**
 * Which launcher cares for a node that any could care for: deletes it, or frees it. Pure.
 *
 * All launchers see the same event in the same moment. The one that made the node acts at once; if it
 * is not online any more, the one that a hash of the node's id chooses among those with its provider.
 * The others act only if nobody has, in their next round. So two seldom contend for one lock.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RegisteredPool } from '../assignment/pool-view.ts';
import { preferred } from '../assignment/rendezvous.ts';

export function isResponsible(
  node: { readonly id: string; readonly record: Pick<NodeRecord, 'launcher' | 'provider'> },
  registered: readonly RegisteredPool[],
  ownPools: ReadonlySet<string>,
): boolean {
  const { launcher, provider } = node.record;
  if (launcher !== null && ownPools.has(launcher)) return true;
  if (registered.some((pool) => pool.id === launcher)) return false;
  const able = registered.filter((pool) => pool.provider === provider).map((pool) => pool.id);
  const chosen = preferred(node.id, able);
  return chosen === undefined || ownPools.has(chosen);
}
