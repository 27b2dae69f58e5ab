/**
 * Counts the contenders of each record's lock from the same tree cache that holds the records. Costs
 * no round trip; being told of a lock's end is what lets the launcher act at once on a used node.
 */
import type { TreeCache } from '../zookeeper/tree-cache.ts';

export class LockWatch {
  readonly #tree: TreeCache;
  readonly #root: string;
  readonly #listeners = new Set<(id: string, contenders: number) => void>();

  constructor(tree: TreeCache, root: string) {
    this.#tree = tree;
    this.#root = root;
    const start = root.length + 1;
    tree.onChange((change) => {
      const slash = change.path.indexOf('/', start);
      if (slash < 0 || !change.path.includes('/', slash + 1)) return;
      const id = change.path.slice(start, slash);
      if (!change.path.startsWith('/lock/', slash)) return;
      const count = this.contenders(id);
      for (const listener of this.#listeners) listener(id, count);
    });
  }

  contenders(id: string): number {
    return this.#tree.children(`${this.#root}/${id}/lock`).length;
  }

  onChange(listener: (id: string, contenders: number) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
