/**
 * Reads from copies of parts of ZooKeeper in memory, for those who look again and again: the same calls
 * as a client's, and no question to a server.
 *
 * Children come sorted. Of locks only those who hold or want them are known, not their data; a stat's
 * `numChildren` is that of the copy.
 */
import { ZooKeeperError } from '../../base/errors.ts';
import type { Stat } from '../../zookeeper/types.ts';
import type { TreeCache, ZnodeClass } from '../../zookeeper/tree-cache.ts';
import type { Reader } from '../records.ts';

/** What a copy keeps, as `TreeCacheOptions.classify`. */
export function classify(relativePath: string): ZnodeClass {
  return /(^|\/)lock\//.test(relativePath) ? 'presence' : 'data';
}

export function treeReader(trees: ReadonlyMap<string, Pick<TreeCache, TreeCalls>>): Reader {
  const treeOf = (path: string): Pick<TreeCache, TreeCalls> | undefined => {
    for (const [root, tree] of trees) if (path === root || path.startsWith(`${root}/`)) return tree;
    return undefined;
  };
  const statOf = (path: string): Stat | undefined => {
    const tree = treeOf(path);
    const stat = tree?.get(path)?.stat;
    return stat && { ...stat, numChildren: tree.children(path).length };
  };
  return {
    exists: (path) => Promise.resolve(statOf(path)),
    get: (path) => {
      const entry = treeOf(path)?.get(path);
      if (entry === undefined) return Promise.reject(noNode(path));
      return Promise.resolve({ data: entry.data, stat: entry.stat });
    },
    children: (path) => {
      const children = [...(treeOf(path)?.children(path) ?? [])].sort();
      const stat = statOf(path);
      // Of a root only its presence is kept.
      return Promise.resolve({
        children,
        stat: stat ?? { ...NO_STAT, numChildren: children.length },
      });
    },
  };
}

type TreeCalls = 'get' | 'children';

const NO_STAT: Stat = {
  ...{ czxid: 0n, mzxid: 0n, pzxid: 0n, ctime: 0, mtime: 0, ephemeralOwner: 0n },
  ...{ version: 0, cversion: 0, aversion: 0, dataLength: 0, numChildren: 0 },
};

function noNode(path: string): ZooKeeperError {
  return new ZooKeeperError('ZK_NO_NODE', `${path}: no node`, { labels: ['notFound'] });
}
