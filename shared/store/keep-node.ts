/**
 * How a launcher that is a requestor takes the node that it was given: locked for good under its own
 * name, changed, and the request deleted, in one transaction. So there is no moment at which a crash
 * would leave a locked node of which nobody knows whose it is.
 *
 * The original does the same in four steps; whoever looks at the end sees no difference.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import { isBadVersion, isNoNode } from '../zookeeper/errors.ts';
import { Lock } from '../zookeeper/lock.ts';
import type { MultiOp, ZooKeeper } from '../zookeeper/types.ts';
import type { NodeStore, StoredNode } from './nodes.ts';
import { nodeLockPath, requestPath } from './paths.ts';
import type { RequestStore } from './requests.ts';
import { written } from './written.ts';

export interface KeepNode {
  readonly node: StoredNode;
  /** The request that the node fulfils. */
  readonly request: string;
  /** What the lock's child carries. */
  readonly owner: string;
  readonly patch: Partial<NodeRecord>;
}

/** False: the node is locked or not the one that we know, or the request is gone. */
export async function keepNode(
  stores: { client: ZooKeeper; requests: RequestStore; nodes: NodeStore },
  { node, request, owner, patch }: KeepNode,
): Promise<boolean> {
  const { client, requests, nodes } = stores;
  const lockPath = nodeLockPath(node.id);
  const lock = new Lock(client, lockPath, { identifier: owner, isEphemeral: false });
  const data = nodes.cache.encode({ ...node.record, ...patch });
  const also: MultiOp[] = [
    { op: 'set', path: node.path, data, version: node.version },
    { op: 'delete', path: requestPath(request) },
  ];
  try {
    const acquired = await requests.cache.tree.write(
      { paths: [requestPath(request)] },
      () =>
        nodes.cache.tree.write(
          { paths: [node.path] },
          () => lock.tryAcquire({ also, assumeParent: nodes.cache.tree.has(lockPath) }),
          (result) => written(node.path, data, result?.results[0]),
        ),
      (result) => (result ? [{ path: requestPath(request), isDeleted: true }] : []),
    );
    return acquired !== undefined;
  } catch (error) {
    if (isBadVersion(error) || isNoNode(error)) return false;
    throw error;
  }
}
