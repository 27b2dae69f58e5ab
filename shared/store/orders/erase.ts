/**
 * Forgets what ZooKeeper has of a provider, whoever holds its locks: for a provider that is gone for
 * good. Nothing is asked of its cloud. May be done again after an error.
 *
 * Effects and their order are the original's (nodepool/zk/zookeeper.py).
 */
import type { NodeRecord } from '../../../schemas/records/node.ts';
import { isNoNode } from '../../zookeeper/errors.ts';
import { ANY_VERSION, type CallOptions, type ZooKeeper } from '../../zookeeper/types.ts';
import { encode } from '../codec.ts';
import { isName, nodePath, uploadsPath, type BuildKey } from '../paths.ts';
import { parentOf } from '../../zookeeper/paths.ts';

/** All uploads of the builds to the provider, in every state. */
export async function eraseUploads(
  client: ZooKeeper,
  provider: string,
  builds: readonly BuildKey[],
  options: CallOptions = {},
): Promise<void> {
  // A name with a slash makes the path of something else.
  if (!isName(provider)) return;
  for (const build of builds)
    await client.deleteTree(parentOf(uploadsPath(build, provider)), options);
}

/**
 * Says by the state `deleted` that a node is going before its lock goes, so that nobody who gets the
 * lock meanwhile takes it for a node.
 */
export async function eraseNode(
  client: ZooKeeper,
  { id, record }: { readonly id: string; readonly record: NodeRecord },
  nowSeconds: number,
  options: CallOptions = {},
): Promise<void> {
  const path = nodePath(id);
  const deleted = { ...record, state: 'deleted', state_time: nowSeconds };
  try {
    await client.set(path, encode(deleted), ANY_VERSION, options);
  } catch (error) {
    if (isNoNode(error)) return;
    throw error;
  }
  await client.deleteTree(path, options);
}
