/**
 * Nodes: the cache, who waits for each node's lock, and the only ways to make, take and remove one.
 */
import { nodeSchema, type NodeRecord } from '../../schemas/records/node.ts';
import type { Logger } from '../base/log.ts';
import { isBadVersion, isNodeExists, isNoNode, isNotEmpty } from '../zookeeper/errors.ts';
import { Lock } from '../zookeeper/lock.ts';
import { TreeCache } from '../zookeeper/tree-cache.ts';
import type { CallOptions, ZooKeeper } from '../zookeeper/types.ts';
import { LockWatch } from './lock-watch.ts';
import type { Owned } from './owned.ts';
import { NODES, nodeLockPath, nodePath } from './paths.ts';
import { RecordCache, type Stored } from './record-cache.ts';
import { take } from './take.ts';
import { Transaction } from './transaction.ts';

export type StoredNode = Stored<NodeRecord>;
export type OwnedNode = Owned<NodeRecord>;

export class NodeStore {
  readonly cache: RecordCache<NodeRecord>;
  readonly locks: LockWatch;
  readonly #client: ZooKeeper;

  constructor(client: ZooKeeper, log: Logger) {
    this.#client = client;
    const tree = new TreeCache({
      client,
      root: NODES,
      classify: (relative) => (relative.includes('/') ? 'presence' : 'data'),
      // A node has its lock below it and nothing else.
      expectedChildren: (relative) => expectedBelow(relative.split('/').length),
      log,
    });
    this.cache = new RecordCache({
      tree,
      schema: nodeSchema,
      isRecord: (path) => path.lastIndexOf('/') === NODES.length,
      log,
    });
    this.locks = new LockWatch(tree, NODES);
  }

  get(id: string): StoredNode | undefined {
    return this.cache.get(id);
  }

  /** Whether somebody holds or wants the lock, as far as the cache knows. A hint, no promise. */
  isLocked(id: string): boolean {
    return this.locks.contenders(id) > 0;
  }

  /** Makes a node's znode. Nobody may touch it before its maker has locked it: state `init`. */
  async create(record: NodeRecord, options: CallOptions = {}): Promise<StoredNode> {
    const data = this.cache.encode(record);
    const made = await this.cache.tree.write(
      { createdUnder: [NODES] },
      () => this.#client.create(`${NODES}/`, data, { ...options, mode: 'persistentSequential' }),
      (result) => [{ path: result.path, data, stat: result.stat }],
    );
    const id = made.path.slice(NODES.length + 1);
    return { id, path: made.path, record, version: 0, ctimeMs: made.stat.ctime };
  }

  /**
   * Locks a node and changes it in one step. Undefined: locked by somebody else, gone, or changed in
   * the meantime.
   */
  take(
    stored: StoredNode,
    patch: Partial<NodeRecord>,
    options: CallOptions = {},
  ): Promise<OwnedNode | undefined> {
    const path = nodeLockPath(stored.id);
    const assumeParent = this.cache.tree.has(path);
    return take(this.cache, new Lock(this.#client, path), stored, {
      patch,
      options: { ...options, assumeParent },
    });
  }

  /**
   * Removes a node for good. Where others wait for its lock, says so by the state `deleted` and
   * removes what is below it first, as the original does.
   */
  async remove(owned: OwnedNode, nowSeconds: number): Promise<void> {
    try {
      await new Transaction(this.#client).remove(owned).commit();
    } catch (error) {
      if (!isNotEmpty(error)) throw error;
      await new Transaction(this.#client)
        .set(owned, { state: 'deleted', state_time: nowSeconds })
        .commit();
      await this.cache.tree.write(
        { paths: [owned.path] },
        () => this.#client.deleteTree(owned.path),
        () => [{ path: owned.path, isDeleted: true }],
      );
      owned.held.released();
    }
  }

  /**
   * Removes a znode that holds nothing: what is left when somebody asked for the lock of a node that
   * had just been deleted. False if it is none any more.
   */
  async removeEmpty(id: string, options: CallOptions = {}): Promise<boolean> {
    const path = nodePath(id);
    try {
      const { data, stat } = await this.#client.get(path, options);
      if (data.length > 0) return false;
      if (stat.numChildren > 0) {
        const { children } = await this.#client.children(nodeLockPath(id), options);
        if (children.length > 0) return false;
        await this.#client.multi(
          [
            { op: 'delete', path: nodeLockPath(id) },
            { op: 'delete', path, version: stat.version },
          ],
          options,
        );
      } else {
        await this.#client.delete(path, stat.version, options);
      }
      return true;
    } catch (error) {
      if (isNoNode(error) || isNotEmpty(error) || isBadVersion(error) || isNodeExists(error)) {
        return false;
      }
      throw error;
    }
  }
}

/** By depth: below a node its lock, below the lock whoever holds or wants it, below them nothing. */
function expectedBelow(depth: number): readonly string[] | undefined {
  if (depth === 1) return ['lock'];
  return depth === 2 ? undefined : [];
}
