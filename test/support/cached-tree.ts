/** What a tree cache holds, to compare with what it should. */
import type { TreeCache } from '../../shared/zookeeper/tree-cache.ts';

/** Data by path, from `root` down. */
export function cachedTree(cache: TreeCache, root: string): Map<string, string> {
  const tree = new Map<string, string>();
  const walk = (path: string): void => {
    tree.set(path, cache.get(path)?.data.toString() ?? '');
    for (const name of cache.children(path)) walk(`${path}/${name}`);
  };
  if (cache.has(root)) walk(root);
  return tree;
}
