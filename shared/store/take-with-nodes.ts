/**
 * A request taken together with the znodes of the nodes that will be launched for it: one transaction,
 * so a request that somebody else was quicker to take leaves no node behind.
 *
 * The nodes are not locked yet, as after `NodeStore.create`.
 */
import type { NodeRecord } from '../../schemas/records/node.ts';
import type { RequestRecord } from '../../schemas/records/request.ts';
import { InvariantError } from '../base/errors.ts';
import { Lock } from '../zookeeper/lock.ts';
import type { CallOptions, MultiOp, MultiResult, ZooKeeper } from '../zookeeper/types.ts';
import type { NodeStore, StoredNode } from './nodes.ts';
import { NODES, requestLockPath } from './paths.ts';
import type { OwnedRequest, RequestStore, StoredRequest } from './requests.ts';
import { take } from './take.ts';

export interface TakenWithNodes {
  readonly request: OwnedRequest;
  /** In the order of the records. */
  readonly nodes: readonly StoredNode[];
}

/** Undefined: locked by somebody else, gone, or changed in the meantime; then no node was made. */
export async function takeWithNodes(
  stores: { client: ZooKeeper; requests: RequestStore; nodes: NodeStore },
  stored: StoredRequest,
  change: { readonly patch: Partial<RequestRecord>; readonly nodes: readonly NodeRecord[] },
  options: CallOptions = {},
): Promise<TakenWithNodes | undefined> {
  const { client, requests, nodes } = stores;
  const tree = nodes.cache.tree;
  const data = change.nodes.map((record) => nodes.cache.encode(record));
  const also = data.map((one): MultiOp => ({
    op: 'create',
    path: `${NODES}/`,
    data: one,
    mode: 'persistentSequential',
  }));
  let results: readonly MultiResult[] = [];
  const request = await tree.write(
    { createdUnder: also.length > 0 ? [NODES] : [] },
    () =>
      take(requests.cache, new Lock(client, requestLockPath(stored.id)), stored, {
        patch: change.patch,
        options: { ...options, createParents: true },
        also: { ops: also, onDone: (answers) => (results = answers) },
      }),
    (owned) => {
      if (!owned) return [];
      return data.map((one, index) => ({ ...madeBy(results[index]), data: one }));
    },
  );
  if (!request) return undefined;
  const made = change.nodes.map((record, index) => {
    const { path, stat } = madeBy(results[index]);
    const id = path.slice(NODES.length + 1);
    return { id, path, record, version: 0, ctimeMs: stat.ctime };
  });
  return { request, nodes: made };
}

function madeBy(result: MultiResult | undefined): Extract<MultiResult, { op: 'create' }> {
  if (result?.op !== 'create') throw new InvariantError('a request was taken without its nodes');
  return result;
}
