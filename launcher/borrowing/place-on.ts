/**
 * Writes where a node was placed on a borrowed one, as a step with both: if anybody has made a step
 * with the borrowed node since the driver looked, nothing is written.
 *
 * The borrowed node's record stays as it is; only its version grows, which is what all steps check.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { BorrowedNode } from '../../shared/drivers/driver.ts';
import type { OwnedNode } from '../../shared/store/nodes.ts';
import { MultiError } from '../../shared/zookeeper/errors.ts';
import type { Context } from '../context.ts';
import { changed } from './borrowing.ts';

/** Operations of a transaction that concern the node itself: its fence and its write. */
const OWN_OPS = 2;

export async function placeOn(
  { store }: Pick<Context, 'store'>,
  node: OwnedNode,
  fields: Partial<NodeRecord>,
  on: BorrowedNode,
): Promise<void> {
  const borrowed = store.loans.hold(on.id, on.revision);
  if (!borrowed) throw changed(on.id);
  try {
    await store.transaction().set(node, fields).set(borrowed, {}).commit();
  } catch (error) {
    if (error instanceof MultiError && error.failedIndex >= OWN_OPS) throw changed(on.id, error);
    throw error;
  }
}
