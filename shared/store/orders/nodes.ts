/**
 * What operators order of nodes: to be held, to be deleted. Each locks the node, writes its state and
 * gives the lock back; a launcher does the rest. May be given again after an error.
 *
 * Any state may be left for these two, as in the original (nodepool/cmd/nodepoolcmd.py): a node whose
 * deletion fails again and again is held to look at it. Who wants less says which states.
 */
import type { NodeRecord, NodeState } from '../../../schemas/records/node.ts';
import { isBadVersion, isNoNode, MultiError } from '../../zookeeper/errors.ts';
import { lockNode, type LockNodeOptions, type LockNodeOutcome } from './locked-node.ts';

export interface NodeOrderOptions extends LockNodeOptions {
  /** States in which the order is refused. Default: none. */
  readonly refusedStates?: ReadonlySet<NodeState>;
}

export type NodeOrderOutcome =
  | {
      readonly kind: 'done';
      /** As it was written. */
      readonly record: NodeRecord;
    }
  | Exclude<LockNodeOutcome, { kind: 'locked' }>
  /** In one of `refusedStates`. */
  | { readonly kind: 'wrong-state'; readonly state: NodeState };

/** Nodes that are on their way out: no use to hold them, for those who do not look into the cloud. */
export const LEAVING_STATES: ReadonlySet<NodeState> = new Set(['deleting', 'deleted']);

/**
 * Has everybody leave the node alone until it is deleted by an order. `comment`: why, for people;
 * without it the node's own stays.
 *
 * @throws NodepoolError NP_RECORD_CORRUPT. ZooKeeperError.
 */
export function holdNode(
  id: string,
  options: NodeOrderOptions & { readonly comment?: string | undefined },
): Promise<NodeOrderOutcome> {
  const { comment } = options;
  return order(id, { state: 'hold', ...(comment === undefined ? {} : { comment }) }, options);
}

/**
 * Has a launcher delete the node, in the cloud and here.
 *
 * @throws NodepoolError NP_RECORD_CORRUPT. ZooKeeperError.
 */
export function orderNodeDeletion(
  id: string,
  options: NodeOrderOptions,
): Promise<NodeOrderOutcome> {
  return order(id, { state: 'deleting' }, options);
}

/** Who writes a node again and again without its lock is no Nodepool. */
const MAX_TRIES = 5;

async function order(
  id: string,
  change: Partial<NodeRecord>,
  options: NodeOrderOptions,
  attempt = 1,
): Promise<NodeOrderOutcome> {
  const outcome = await lockNode(id, options);
  if (outcome.kind !== 'locked') return outcome;
  const { node } = outcome;
  const { state } = node.record;
  if (options.refusedStates?.has(state) === true) {
    await node.release();
    return { kind: 'wrong-state', state };
  }
  try {
    await node.writeAndRelease({ ...change, state_time: options.clock.now() / 1000 });
    return { kind: 'done', record: node.record };
  } catch (error) {
    // Never fails: it is repeated until it is done or the session ends.
    void node.release();
    // Erased meanwhile; who erases asks for no lock.
    if (isNoNode(error) && error instanceof MultiError && error.failedIndex === 0)
      return { kind: 'not-found' };
    if (isBadVersion(error) && attempt < MAX_TRIES) return order(id, change, options, attempt + 1);
    throw error;
  }
}
