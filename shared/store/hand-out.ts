/**
 * Ready nodes to a waiting request in one transaction, without holding a lock at any time.
 *
 * A lock's znode that can be made, or deleted and made anew, has nobody in its queue: the server
 * refuses to delete one with children. So the transaction itself proves that request and nodes are
 * unlocked, and their versions that they are the ones that were decided on. Whoever comes later finds
 * the request fulfilled. Nothing of it happens if any part is not so.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import { MultiError } from '../zookeeper/errors.ts';
import type { CallOptions, MultiOp, ZooKeeper } from '../zookeeper/types.ts';
import type { NodeStore, StoredNode } from './nodes.ts';
import { nodeLockPath, requestLockPath } from './paths.ts';
import type { RequestStore, StoredRequest } from './requests.ts';
import { written } from './written.ts';

export interface HandOut {
  readonly request: StoredRequest;
  /** What the request becomes. */
  readonly fulfilled: Partial<RequestRecord>;
  readonly nodes: readonly StoredNode[];
  /** What each node becomes. */
  readonly reserved: Partial<NodeRecord>;
}

interface Write {
  readonly path: string;
  readonly data: Buffer;
  /** Place of the write's answer. */
  readonly index: number;
}

/** False: something was locked or had changed; nothing was written. */
export async function handOut(
  stores: { client: ZooKeeper; requests: RequestStore; nodes: NodeStore },
  what: HandOut,
  options: CallOptions = {},
): Promise<boolean> {
  // Usually nobody has asked for the request's lock before; Zuul may have, to revise its priority.
  for (const isLockThere of [false, true]) {
    try {
      await handOutOnce(stores, what, { ...options, isLockThere });
      return true;
    } catch (error) {
      if (!(error instanceof MultiError)) throw error;
      if (error.failedIndex > 0) return false;
    }
  }
  return false;
}

async function handOutOnce(
  { client, requests, nodes }: Parameters<typeof handOut>[0],
  what: HandOut,
  { isLockThere, ...options }: CallOptions & { isLockThere: boolean },
): Promise<void> {
  const ops: MultiOp[] = lockProof(requestLockPath(what.request.id), isLockThere);
  const add = (path: string, data: Buffer, version: number): Write => {
    ops.push({ op: 'set', path, data, version });
    return { path, data, index: ops.length - 1 };
  };
  const nodeWrites = what.nodes.map((node) => {
    const lock = nodeLockPath(node.id);
    ops.push(...lockProof(lock, nodes.cache.tree.has(lock)));
    const record = { ...node.record, ...what.reserved };
    return add(node.path, nodes.cache.encode(record), node.version);
  });
  const request = { ...what.request.record, ...what.fulfilled };
  const requestWrite = add(what.request.path, requests.cache.encode(request), what.request.version);
  await requests.cache.tree.write(
    { paths: [what.request.path] },
    () =>
      nodes.cache.tree.write(
        { paths: nodeWrites.map(({ path }) => path) },
        () => client.multi(ops, options),
        (results) =>
          nodeWrites.flatMap((write) => written(write.path, write.data, results[write.index])),
      ),
    (results) => written(requestWrite.path, requestWrite.data, results[requestWrite.index]),
  );
}

/** Operations that succeed only while nobody holds or wants the lock. */
function lockProof(path: string, isThere: boolean): MultiOp[] {
  const make: MultiOp = { op: 'create', path };
  return isThere ? [{ op: 'delete', path }, make] : [make];
}
